package setting

import "testing"

func TestWordsOfSettingsReadBack(t *testing.T) {
	type scalar interface {
		Set(string) (string, bool)
		String() string
	}
	f := func(s scalar, text, want string) {
		t.Helper()
		if _, ok := s.Set(text); !ok || s.String() != want {
			t.Errorf("%q: got %q, %v; want %q", text, s.String(), ok, want)
		}
	}
	f(new(Share), "1%", "0.01")
	f(new(Share), "0.25", "0.25")
	f(new(K), "auto", "auto")
	f(new(K), "7", "7")
	f(new(Days), "auto", "auto")
	f(new(Days), "90", "90")
	f(new(Seconds), "90s", "1m30s")
	f(new(Cut), "median", "median")
	f(new(Cut), "base", "base")
	f(new(Cut), "-1.5", "-1.5")
	f(new(Past), "latest", "latest")
	f(new(Past), "2011-09-10", "2011-09-10")

	refused := func(s scalar, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if want, ok := s.Set(text); ok || want == "" {
				t.Errorf("%q: got it accepted as %q", text, s.String())
			}
		}
	}
	refused(new(Share), "101%", "-1%", "1e-3", "much", "")
	refused(new(K), "1", "1001", "some")
	refused(new(Days), "0", "3651", "1.5", "year")
	refused(new(Seconds), "-1s", "soon")
	refused(new(Past), "first", "2011-13-01", "")
	refused(new(Cut), "mean", "1e9", "NaN", "")
}
