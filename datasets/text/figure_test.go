package text

import "testing"

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	pound := Form{Decimal: '.', Thousands: ',', Signs: []string{"£", "GBP"}}
	euro := Form{Decimal: ',', Thousands: '.', Signs: []string{"€", "EUR"}}
	for _, c := range []struct {
		form Form
		text string
		want int64
	}{
		{pound, "£12.50", 12_500_000}, {pound, "-£12.50", -12_500_000}, {pound, "£-12.50", -12_500_000}, {pound, "(£12.50)", -12_500_000},
		{pound, "£(12.50)", -12_500_000}, {pound, "gbp 1,200", 1_200_000_000}, {pound, "1,200 GBP", 1_200_000_000}, {pound, "+5", 5_000_000},
		{pound, "40.00-", -40_000_000}, {pound, "12,34,567.5", 1_234_567_500_000}, {pound, "\u22125", -5_000_000},
		{euro, "1.370,50 €", 1_370_500_000}, {euro, "12,50\u00a0€", 12_500_000}, {euro, "EUR 7", 7_000_000},
		{Form{Decimal: ',', Thousands: ' '}, "1\u202f000,50", 1_000_500_000}, {Form{Decimal: ',', Thousands: ' '}, "1\u00a0000", 1_000_000_000},
		{Form{Decimal: '.', Thousands: '\''}, "1’234’567.25", 1_234_567_250_000}, {Form{Decimal: '.', Percent: true}, "12.5%", 125_000},
		{Form{Decimal: '.'}, " 1e3 ", 1_000_000_000},
	} {
		if got, r := c.form.Parse([]byte(c.text)); got != c.want || r != Exact {
			t.Errorf("%q: got %d, %s, want %d", c.text, got, r, c.want)
		}
	}
}

func TestWhatIsNoNumberStaysNone(t *testing.T) {
	pound := Form{Decimal: '.', Thousands: ',', Signs: []string{"£"}}
	for _, s := range []string{"", "£", "-", "()", "(-5)", "--5", "-5-", "$5", "££5", "5£5", "12%", "1,2", "1,23,45", "5 5", "abc", "+-5", "(+5"} {
		if v, r := pound.Parse([]byte(s)); r != NotNumber {
			t.Errorf("%q: got %d, %s, want no number", s, v, r)
		}
	}
}

func TestEvidenceTellsHowNumbersAreWritten(t *testing.T) {
	for _, c := range []struct {
		cells []string
		want  []Form
	}{
		{[]string{"1", "2.50", "3"}, []Form{{Decimal: '.'}}},
		{[]string{"1", "2"}, []Form{{Decimal: '.'}}},
		{[]string{"0,50", "1.370,50", "12"}, []Form{{Decimal: ',', Thousands: '.'}}},
		{[]string{"0,5", "7,25"}, []Form{{Decimal: ','}}},
		{[]string{"12.50", "12,000.00"}, []Form{{Decimal: '.', Thousands: ','}}},
		{[]string{"142", "2.538"}, []Form{{Decimal: '.'}, {Decimal: ',', Thousands: '.'}}}, // two and a half, or 2,538
		{[]string{"142", "2,538"}, []Form{{Decimal: ','}, {Decimal: '.', Thousands: ','}}},
		{[]string{"0.538", "2.538"}, []Form{{Decimal: '.'}}},                     // no group begins with a zero
		{[]string{"2.538", "1.234.567"}, []Form{{Decimal: ',', Thousands: '.'}}}, // nor are there two decimal signs
		{[]string{"1\u202f000,50"}, []Form{{Decimal: ',', Thousands: ' '}}},
		{[]string{"1’000.50"}, []Form{{Decimal: '.', Thousands: '\''}}},
		{[]string{"£1.50", "£2.25"}, []Form{{Decimal: '.', Signs: []string{"£"}}}},
		{[]string{"1,50 €", "(2,25 €)"}, []Form{{Decimal: ',', Signs: []string{"€"}}}},
		{nil, nil},
	} {
		var e Evidence
		for _, s := range c.cells {
			e.Add([]byte(s))
		}
		got, example := e.Fitting()
		same := len(got) == len(c.want)
		for i := 0; same && i < len(got); i++ {
			same = got[i].Decimal == c.want[i].Decimal && got[i].Thousands == c.want[i].Thousands && len(got[i].Signs) == len(c.want[i].Signs)
		}
		if !same || (example != "") != (len(got) > 1) {
			t.Errorf("%q: got %v with %q, want %v", c.cells, got, example, c.want)
		}
	}
}

func TestTwoCurrenciesAreBothSeen(t *testing.T) {
	var e Evidence
	for _, s := range []string{"$5", "5 €", "7"} {
		e.Add([]byte(s))
	}
	if got := e.Signs(); len(got) != 2 || got[0] != "$" || got[1] != "€" {
		t.Errorf("got %q", got)
	}
}

// What a plain form reads, ParseDecimal reads alike.
func FuzzFigure(f *testing.F) {
	for _, s := range []string{"1.5", "1,234.5", "-7", "12e3", "(5)", "1 234", "£5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		form := Form{Decimal: '.', Thousands: ','}
		want, r := ParseDecimal([]byte(s), '.', ',')
		got, r2 := form.Parse([]byte(s))
		if len(s) <= maxFigure && r != NotNumber && r != TooLarge && (got != want || r2 != r) {
			t.Errorf("%q: got %d, %s, want %d, %s", s, got, r2, want, r)
		}
		var e Evidence
		e.Add([]byte(s))
		e.Fitting()
	})
}
