package load

import (
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/history"
	"github.com/quintile-dev/quintile/pipeline/exit"
)

func TestALastDayThatStandsAloneIsNotToday(t *testing.T) {
	day := func(text string) datasets.Day {
		t.Helper()
		d, err := datasets.ParseDay(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	every := func(step, n int, lines int64) []history.DayLines {
		var days []history.DayLines
		for i := range n {
			days = append(days, history.DayLines{Day: day("2023-01-01") + datasets.Day(i*step), Lines: lines})
		}
		return days
	}
	after := func(days []history.DayLines, gap int, lines ...int64) []history.DayLines {
		last := days[len(days)-1].Day + datasets.Day(gap)
		for i, n := range lines {
			days = append(days, history.DayLines{Day: last + datasets.Day(i), Lines: n})
		}
		return days
	}
	f := func(what string, days []history.DayLines, want string) {
		t.Helper()
		err := standsAlone(days)
		if want == "" && err != nil || want != "" && (exit.Of(err) != exit.BadData || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v with exit code %d, want %q", what, err, exit.Of(err), want)
		}
	}
	f("nothing", nil, "")
	f("one day", every(1, 1, 5), "")
	f("every day", every(1, 400, 5), "")
	f("a gap of 90 days", after(every(1, 400, 5), 90, 1), "")
	f("a gap of 91 days", after(every(1, 400, 5), 91, 1), "got the last event day 2024-05-05, 91 days after the event day before, 2024-02-04, want at most 90")
	f("a century", after(every(1, 400, 5), 36525, 1), "as_of: 2024-02-05")
	f("a shop that opens every tenth day", after(every(10, 60, 5), 100, 1), "")
	f("ten times its usual gap and a day", after(every(10, 60, 5), 101, 1), "want at most 100 days between")
	f("two lone days", after(every(1, 400, 5), 365, 1, 1), "the last event days 2025-02-03 to 2025-02-04")
	f("a shop that opens again", after(every(1, 400, 5), 365, 5, 5, 5), "")
	f("two days in all", after(every(1, 1, 5), 91, 1), "want at most 90")
	f("a gap far back", after(after(every(1, 1, 1), 400, 5), 1, every(1, 300, 5)[0].Lines, 5, 5), "")
}
