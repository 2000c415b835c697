package synth

// segment is one kind of customer. No column names the segment: only the
// behaviour of a customer shows it.
type segment struct {
	name   string
	share  float64 // of the customers
	rate   float64 // orders a year, relative to the others
	spread float64 // standard deviation of the logarithm of the rate
	basket float64 // lines of an order, relative to the others

	quantity float64 // mean pieces of a line
	pack     int     // pieces come in multiples of it
	discount float64 // share of the lines bought at a discount
	returns  float64 // inclination to return, in [0,1]

	existing float64 // share of those who were customers when the history begins
	leaving  float64 // drop-outs a year, as a hazard
	winter   float64 // strength of the peak at the end of the year
	weekend  float64 // weight of Saturdays and Sundays
	premium  float64 // taste for dear products: the exponent of the price
	channels [3]float64
}

// channelNames are in the order of segment.channels.
var channelNames = [3]string{"web", "store", "phone"}

// segments are those of every retailer.
var segments = [...]segment{
	{
		name: "regular", share: 0.32, rate: 1, spread: 0.6, basket: 1,
		quantity: 1.6, pack: 1, discount: 0.12, returns: 0.5,
		existing: 0.5, leaving: 0.2, winter: 1, weekend: 1.2, channels: [3]float64{0.55, 0.42, 0.03},
	},
	{
		name: "occasional", share: 0.27, rate: 0.45, spread: 0.5, basket: 0.8,
		quantity: 1.3, pack: 1, discount: 0.15, returns: 0.5,
		existing: 0.4, leaving: 0.22, winter: 2, weekend: 1.5, channels: [3]float64{0.4, 0.58, 0.02},
	},
	{
		name: "devoted", share: 0.12, rate: 2.4, spread: 0.5, basket: 1.2,
		quantity: 1.8, pack: 1, discount: 0.08, returns: 0.35,
		existing: 0.75, leaving: 0.1, winter: 0.7, weekend: 1.1, premium: 0.4, channels: [3]float64{0.7, 0.25, 0.05},
	},
	{
		name: "bargain", share: 0.14, rate: 0.9, spread: 0.6, basket: 1.1,
		quantity: 2.2, pack: 1, discount: 0.65, returns: 1,
		existing: 0.45, leaving: 0.3, winter: 1.6, weekend: 1.3, premium: -0.6, channels: [3]float64{0.85, 0.14, 0.01},
	},
	{
		name: "wholesale", share: 0.02, rate: 4, spread: 0.8, basket: 3,
		quantity: 2.5, pack: 6, discount: 0.4, returns: 0.25,
		existing: 0.7, leaving: 0.15, winter: 0.4, weekend: 0.1, channels: [3]float64{0.3, 0.05, 0.65},
	},
	{
		name: "passing", share: 0.13, rate: 1, spread: 0.4, basket: 0.9,
		quantity: 1.4, pack: 1, discount: 0.25, returns: 0.7,
		existing: 0.1, leaving: 1.3, winter: 1.4, weekend: 1.3, premium: 0.2, channels: [3]float64{0.9, 0.08, 0.02},
	},
}

// regions are the places where customers live, with their weights.
var regions = [...]struct {
	name   string
	weight float64
}{
	{"London", 22}, {"South East", 17}, {"North West", 12}, {"East of England", 10}, {"West Midlands", 9},
	{"South West", 8}, {"Yorkshire", 8}, {"Scotland", 7}, {"East Midlands", 5}, {"Wales", 2},
}

// Segments returns the names of the latent segments.
func Segments() []string {
	names := make([]string, len(segments))
	for i := range segments {
		names[i] = segments[i].name
	}
	return names
}
