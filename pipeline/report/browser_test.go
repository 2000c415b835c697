package report

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/quintile-dev/quintile/mining/page"
	"github.com/quintile-dev/quintile/mining/words"
)

// browser starts Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}
	if path == "" {
		t.Skip("skipped: no Chromium on the search path or under $CHROMIUM; the page is not looked at in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	return ctx
}

// opened writes a page to a file, or takes the file that $REPORT names, and returns its
// address.
func opened(t *testing.T) string {
	t.Helper()
	path := os.Getenv("REPORT")
	if path == "" {
		path = filepath.Join(t.TempDir(), "report.html")
		p := full()
		for _, c := range everyChart() {
			p.Chapters[0].Sections = append(p.Chapters[0].Sections, page.Section{Title: fmt.Sprintf("A picture: %T", c), Charts: []page.Chart{c}})
		}
		var long page.Table
		long.Title, long.Head, long.Numeric = "A long table", []string{"Name", "A number with a long heading", "Another number", "What to do"}, []bool{false, true, true, false}
		for i := range 20 {
			long.Rows = append(long.Rows, []string{fmt.Sprintf("row %d", i), page.Whole(int64((i*7919)%1000) * 1000), page.Percent(math.Sin(float64(i))), "a sentence that is as long as sentences in tables are"})
		}
		p.Chapters[0].Sections = append(p.Chapters[0].Sections, page.Section{Title: "Table", Tables: []page.Table{long}})
		text, err := Render(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + absolute
}

// look is what a screen is like.
type look struct {
	width int64
	dark  bool
}

var looks = []look{{390, false}, {768, false}, {1280, false}, {390, true}, {768, true}, {1280, true}}

func (l look) name() string {
	if l.dark {
		return fmt.Sprintf("%d-dark", l.width)
	}
	return fmt.Sprintf("%d-light", l.width)
}

// at sets the screen and opens the page.
func (l look) at(address string) chromedp.Action[chromedp.Void] {
	theme := "light"
	if l.dark {
		theme = "dark"
	}
	return chromedp.Steps(
		chromedp.EmulateViewport(l.width, 900),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}},
			})
			return err
		}),
		chromedp.Navigate(address),
		chromedp.WaitReady("#main"),
	)
}

// evaluate returns the value of an expression.
func evaluate[T any](ctx context.Context, t *testing.T, expression string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		t.Fatalf("%.60s: %v", expression, err)
	}
	return v
}

// TestInABrowserThePageIsQuietAndFits opens the page at three widths and in both themes:
// no error on the console, no request, nothing wider than the screen.
func TestInABrowserThePageIsQuietAndFits(t *testing.T) {
	ctx := browser(t)
	address := opened(t)
	var mu sync.Mutex
	var faults []string
	fault := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		faults = append(faults, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			fault("the script threw: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			fault("the console got a message of type %s", e.Type)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != address {
				fault("the page asked for %.100s", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	err = chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range looks {
		if err := chromedp.Do(ctx, l.at(address)); err != nil {
			t.Fatalf("%s: %v", l.name(), err)
		}
		width, inner := evaluate[int](ctx, t, `document.documentElement.scrollWidth`), evaluate[int](ctx, t, `window.innerWidth`)
		// Labels of pictures that are shown smaller than 10 pixels cannot be read.
		small := evaluate[[]string](ctx, t, `[...document.querySelectorAll("svg text")].filter(e => e.getClientRects().length && e.textContent.trim() &&
			e.getBoundingClientRect().height < 10).map(e => e.textContent).slice(0, 5)`)
		if width > inner {
			t.Errorf("%s: the page is %d wide on a screen of %d", l.name(), width, inner)
		}
		if len(small) > 0 {
			t.Errorf("%s: got labels too small to read: %q", l.name(), small)
		}
		if folder := os.Getenv("SCREENSHOTS"); folder != "" {
			shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, l.name()+".jpg"), shot, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range faults {
		t.Error(f)
	}
}

// TestInABrowserTablesSortSearchAndCopy works the tables as a reader does.
func TestInABrowserTablesSortSearchAndCopy(t *testing.T) {
	if os.Getenv("REPORT") != "" {
		t.Skip("skipped: looks for rows that only the test's own page has")
	}
	ctx := browser(t)
	if err := chromedp.Do(ctx, look{1280, false}.at(opened(t))); err != nil {
		t.Fatal(err)
	}
	const rows = `[...document.querySelectorAll("tr")].filter(r => !r.hidden && r.cells.length == 4 && r.cells[0].tagName == "TD")`
	evaluate[chromedp.Void](ctx, t, `[...document.querySelectorAll("th button")].find(b => b.textContent.startsWith("A number")).click()`)
	sorted := evaluate[[]string](ctx, t, rows+`.map(r => r.cells[1].textContent)`)
	evaluate[chromedp.Void](ctx, t, `(() => { const s = document.querySelector("input[type=search]"); s.value = "row 1"; s.dispatchEvent(new Event("input")); })()`)
	found := evaluate[[]string](ctx, t, rows+`.map(r => r.cells[0].textContent)`)
	evaluate[chromedp.Void](ctx, t, `document.querySelector("input[type=search]").parentNode.querySelector("button").click()`)
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.Search(`//button[text()="`+labelsOf(words.MustOpen(words.English, "")).Copied+`"]`))); err != nil {
		t.Fatal(err)
	}
	if len(sorted) != 20 || sorted[0] != "947,000" || sorted[19] != "0" {
		t.Errorf("got %v, want the largest number first and 0 last", sorted)
	}
	if len(found) != 11 { // row 1 and rows 10 to 19
		t.Errorf("got %d rows, want the 11 that hold the text", len(found))
	}
}

// TestInABrowserAxeFindsNothing runs axe-core on the page, where $AXE names its file.
func TestInABrowserAxeFindsNothing(t *testing.T) {
	path := os.Getenv("AXE")
	if path == "" {
		t.Skip("skipped: $AXE does not name axe-core; make page-check fetches it")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	address := opened(t)
	for _, l := range looks {
		if err := chromedp.Do(ctx, l.at(address)); err != nil {
			t.Fatalf("%s: %v", l.name(), err)
		}
		evaluate[chromedp.Void](ctx, t, string(axe)+"; 0")
		text := evaluate[string](ctx, t, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(r => JSON.stringify(
			r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "))))`, chromedp.EvalAwaitPromise)
		var violations []string
		if err := json.Unmarshal([]byte(text), &violations); err != nil {
			t.Fatal(err)
		}
		if len(violations) > 0 {
			t.Errorf("%s: axe found\n  %s", l.name(), strings.Join(violations, "\n  "))
		}
	}
}
