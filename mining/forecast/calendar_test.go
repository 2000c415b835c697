package forecast

import (
	"testing"

	"github.com/quintile-dev/quintile/datasets"
)

func day(t *testing.T, text string) datasets.Day {
	t.Helper()
	d, err := datasets.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPeriodsAreWeeksFromMondayAndMonths(t *testing.T) {
	f := func(period, first, asOf, origin string, n int, seasonBegins int) {
		t.Helper()
		c := newCalendar(period, day(t, first), day(t, asOf))
		if got := c.start(0).String(); got != origin || c.n != n {
			t.Errorf("%s %s to %s: got %d periods from %s, want %d from %s", period, first, asOf, c.n, got, n, origin)
		}
		if c.season(seasonBegins-1) != 1 || c.season(seasonBegins) != seasonBegins/2 {
			t.Errorf("%s: got a season of %d in %d periods", period, c.season(seasonBegins), seasonBegins)
		}
	}
	f(week, "2010-12-01", "2011-12-10", "2010-11-29", 53, 104) // a Wednesday to a Saturday
	f(week, "2010-12-06", "2011-12-11", "2010-12-06", 53, 104) // the last Sunday has ended
	f(week, "2024-01-07", "2024-01-07", "2024-01-01", 1, 104)
	f(week, "2024-01-07", "2024-01-06", "2024-01-01", 0, 104)
	f(month, "2010-12-15", "2011-12-30", "2010-12-01", 12, 24)
	f(month, "2010-12-15", "2011-12-31", "2010-12-01", 13, 24)
	f(month, "1850-01-01", "2011-12-31", "1925-05-01", longest, 24)
	f(week, "1900-01-01", "2024-01-07", "2004-02-02", longest, 104)
}

func TestEveryDayHasItsPeriod(t *testing.T) {
	for _, period := range []string{week, month} {
		c := newCalendar(period, day(t, "1969-11-13"), day(t, "1971-03-03"))
		r := reader{calendar: &c}
		for d := c.start(0) - 40; d < c.start(c.n)+40; d++ {
			p := c.of(d)
			if d < c.start(p) || d >= c.start(p+1) {
				t.Fatalf("%s: %s is put into the period from %s", period, d, c.start(p))
			}
			want := p
			if p < 0 || p >= c.n {
				want = -1
			}
			if got := r.at(d); got != want {
				t.Fatalf("%s: %s: got the period %d, want %d", period, d, got, want)
			}
		}
	}
}
