package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// newShuffle changes conditions without influence on the results: the order of rows, the split
// into files, the format, the number of workers, and the memory. The bytes must be the same.
func newShuffle(l *lane) (tormentor, error) {
	s, err := newShop(l.folder, 300, 8000)
	if err != nil {
		return nil, err
	}
	box := filepath.Join(l.folder, "box")
	publish := func(files map[string][]byte, more ...string) (contents, error) {
		if err := os.RemoveAll(box); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Join(box, "in"), 0o700); err != nil {
			return nil, err
		}
		if err := write(box, files); err != nil {
			return nil, err
		}
		args := append([]string{"run", "--quiet", "--as-of", late}, more...)
		o := l.program.call(box, nil, append(args, "job.yaml")...)
		if o.fault != "" || o.code != done {
			return nil, fmt.Errorf("%v: exit code %d, %s: %s", args, o.code, o.fault, o.err)
		}
		return read(o.folder(box))
	}
	text := job("in", someSteps, "output: out")
	want, err := publish(map[string][]byte{"job.yaml": text, "in/lines.csv": s.csv}, "--workers", "1")
	if err != nil {
		return nil, err
	}
	return func(t try) (string, error) {
		files, what := map[string][]byte{"job.yaml": text}, ""
		switch t.rng.IntN(5) {
		case 0:
			files["in/lines.parquet"], what = s.parquet, "Parquet"
		case 1:
			files["in/lines.arrow"], what = s.arrow, "Arrow"
		case 2:
			files["in/lines.csv.gz"], what = s.gz, "gzip"
		default:
			what = "rows shuffled"
			lines := slices.Clone(s.lines)
			t.rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			parts := 1 + t.rng.IntN(7)
			for i := range parts {
				part := s.file(lines[len(lines)*i/parts : len(lines)*(i+1)/parts])
				if t.rng.IntN(3) == 0 {
					files[fmt.Sprintf("in/%d.csv.gz", i)] = packed(part)
				} else {
					files[fmt.Sprintf("in/%d.csv", i)] = part
				}
			}
		}
		memory := []string{"4MiB", "16MiB", "1GiB"}[t.rng.IntN(3)]
		got, err := publish(files, "--workers", fmt.Sprint(1+t.rng.IntN(8)), "--memory", memory)
		if err != nil {
			return "", err
		}
		if name := got.differs(want); name != "" {
			return "", fmt.Errorf("differs: %s, with %s", name, what)
		}
		return "the same, " + what, nil
	}, nil
}
