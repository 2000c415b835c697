package lifetime

// most is the largest number of parameters of a model.
const most = 4

// derivatives is a log-likelihood with its first and second derivatives in up
// to four parameters. Of curve, the lower triangle counts.
type derivatives struct {
	value float64
	slope [most]float64
	curve [most][most]float64
}

// add adds the sums of another part of the rows.
func (d *derivatives) add(o *derivatives) {
	d.value += o.value
	for i := range most {
		d.slope[i] += o.slope[i]
		for j := range i + 1 {
			d.curve[i][j] += o.curve[i][j]
		}
	}
}

// inLogs turns derivatives in the parameters v into those in their logarithms.
func (d *derivatives) inLogs(v []float64) {
	for i := range v {
		for j := range i + 1 {
			d.curve[i][j] = float64(d.curve[i][j]*v[i]) * v[j]
		}
		d.slope[i] *= v[i]
		d.curve[i][i] += d.slope[i]
	}
}
