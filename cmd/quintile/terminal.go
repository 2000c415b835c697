package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/term"

	"github.com/quintile-dev/quintile/pipeline"
	"github.com/quintile-dev/quintile/pipeline/publish"
)

// isTerminal reports whether a person watches: stderr is a terminal.
func (t *terminal) isTerminal() bool {
	f, ok := t.err.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// open returns the screen, which shows progress on a terminal, and the log, in
// JSON lines elsewhere.
func (t *terminal) open() (*screen, zerolog.Logger) {
	watched := t.isTerminal() && !t.quiet && t.format != "json"
	s := &screen{on: watched, out: t.err, stages: map[string]*stage{}, width: t.width}
	level := zerolog.InfoLevel
	if t.quiet {
		level = zerolog.ErrorLevel
	} else if watched {
		level = zerolog.WarnLevel // the screen tells the rest
	}
	out := t.err
	if t.format == "console" || t.format == "auto" && watched {
		out = zerolog.ConsoleWriter{Out: s, TimeFormat: time.TimeOnly, NoColor: os.Getenv("NO_COLOR") != "" || !t.isTerminal()}
	}
	return s, zerolog.New(out).Level(level).With().Timestamp().Logger()
}

// screen shows a line for the stage that runs, with rows a second and, where
// the amount of work is known, the time left.
type screen struct {
	on  bool
	out io.Writer

	mu     sync.Mutex
	width  func() int // columns of the terminal; nil: unknown
	stages map[string]*stage
	order  []string
	drawn  bool
	stop   chan struct{}
	done   sync.WaitGroup
}

type stage struct {
	began time.Time
	total int64
	n     int64
	unit  string
}

// redraw is how often the line is drawn anew.
const redraw = 200 * time.Millisecond

// Begin shows a stage.
func (s *screen) Begin(name string, total int64, unit string) {
	if !s.on {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stages[name] = &stage{began: time.Now(), total: total, unit: unit}
	s.order = append(s.order, name)
	if s.stop == nil {
		s.stop = make(chan struct{})
		s.done.Go(s.animate)
	}
}

// Advance counts work done.
func (s *screen) Advance(name string, n int64) {
	if !s.on {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.stages[name]; st != nil {
		st.n += n
	}
}

// End writes the line of a stage for good.
func (s *screen) End(name string) {
	if !s.on {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stages[name]
	if st == nil {
		return
	}
	s.erase()
	fmt.Fprintln(s.out, st.line(name, time.Now(), true))
	delete(s.stages, name)
}

func (s *screen) animate() {
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-ticker.C:
			s.draw(now)
		}
	}
}

func (s *screen) draw(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []string
	for _, name := range s.order {
		if st := s.stages[name]; st != nil {
			lines = append(lines, st.line(name, now, false))
		}
	}
	s.erase()
	if len(lines) > 0 {
		fmt.Fprint(s.out, fitted(lines, s.width))
		s.drawn = true
	}
}

// narrow is the width below which only the last of the running stages is shown.
const narrow = 45

// fitted returns the running stages as a line of the terminal. The line must not break: a broken line could not be
// erased.
func fitted(lines []string, width func() int) string {
	columns := 0
	if width != nil {
		columns = width()
	}
	if columns > 0 && columns < narrow {
		lines = lines[len(lines)-1:]
	}
	text := strings.Join(lines, " | ")
	if columns > 1 && len(text) >= columns {
		text = text[:columns-1]
	}
	return text
}

// width returns the columns of the terminal, 0 where they are unknown.
func (t *terminal) width() int {
	f, ok := t.err.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// erase clears the line that is drawn.
func (s *screen) erase() {
	if s.drawn {
		fmt.Fprint(s.out, "\r\x1b[2K")
		s.drawn = false
	}
}

// Write lets the log pass above the line.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	return s.out.Write(p)
}

// close ends the drawing.
func (s *screen) close() {
	if s.stop == nil {
		return
	}
	close(s.stop)
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	s.stop = nil
}

// barWidth is the number of characters of a bar.
const barWidth = 20

func (st *stage) line(name string, now time.Time, ended bool) string {
	elapsed := now.Sub(st.began)
	text := fmt.Sprintf("%-9s %6.1fs", name, elapsed.Seconds())
	if st.total > 0 {
		share := min(1, float64(st.n)/float64(st.total))
		if ended {
			share = 1
		}
		full := int(share * barWidth)
		text += fmt.Sprintf("  [%s%s]", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full))
		if !ended && st.n > 0 {
			left := time.Duration(float64(elapsed) * (1 - share) / share)
			text += "  " + left.Round(time.Second).String() + " left"
		}
	}
	if st.n > 0 {
		text += fmt.Sprintf("  %d %s, %.0f a second", st.n, st.unit, float64(st.n)/max(elapsed.Seconds(), 0.001))
	}
	return text
}

// summarise prints a table of the run.
func summarise(out io.Writer, r *pipeline.Result) {
	m := r.Manifest
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintf(w, "\nscored at\t%s\n", m.AsOf)
	fmt.Fprintf(w, "rows\t%d read, %d kept, %d quarantined\n", m.Rows.Read, m.Rows.Kept, m.Rows.Quarantined)
	fmt.Fprintf(w, "customers\t%d\norders\t%d\n", m.Customers, m.Orders)
	if m.Products != nil {
		fmt.Fprintf(w, "products\t%d\n", *m.Products)
	}
	if m.Money != nil {
		fmt.Fprintf(w, "money\t%s gross, %s returns, %s net\n", m.Money.Gross, m.Money.Returns, m.Money.Net)
	}
	for _, step := range r.Steps {
		fmt.Fprintf(w, "%s\t%s%s\n", step.Step, step.State, details(step))
	}
	if n := len(m.Warnings); n > 0 {
		fmt.Fprintf(w, "warnings\t%d, in report.html and manifest.json\n", n)
	}
	fmt.Fprintln(w)
}

// details returns the figures of a step that a person asks for first.
func details(s publish.Summary) string {
	var text string
	for _, f := range s.Figures {
		switch v := f.Value.(type) {
		case float64:
			text += fmt.Sprintf(", %s %.3f", f.Name, v)
		default:
			text += fmt.Sprintf(", %s %v", f.Name, v)
		}
	}
	return text
}
