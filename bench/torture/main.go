// Command torture treats the program as the world does, and looks whether the program keeps its
// promises: runs are killed at any moment, every file that the program reads is damaged, the disk is
// filled, and rows are shuffled. The command counts the tries, and fails on
//
//   - a torn publication: neither the earlier state nor the correct result,
//   - a panic, a hang, or memory far beyond the budget,
//   - bytes that differ from the bytes of an undisturbed run,
//   - a wrong exit code: 0 for damage that changes a result, or 1, the code of a bug.
//
// Every try follows from the seed, the number of the lane and the number of the try, and a fault
// names all three. The moments of kills depend on the machine as well.
//
//	torture -for 10m -seed 1
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	program string        // "": it is built first
	limit   time.Duration // tries begin until then; 0: no limit
	tries   int           // of each torture and lane; 0: no limit
	seed    uint64
	lanes   int
	only    []string
	keep    string // folder in which what led to a fault is kept; "": nowhere
}

// A torture is a way to torment the program.
type torture struct {
	name  string
	ready func(*lane) (tormentor, error)
}

// tormentor tries something once, and says in a word how the program ended.
type tormentor func(try) (end string, err error)

var tortures = []torture{{"kill", newKill}, {"mutate", newMutate}, {"disk", newDisk}, {"shuffle", newShuffle}}

// try is a single try. Everything random in a try comes from rng.
type try struct {
	seed uint64
	lane int
	n    int
	rng  *rand.Rand
}

// lane is a sequence of tries in folders of its own, beside other lanes.
type lane struct {
	number  int
	program *program
	folder  string
	keep    string
}

func run(args []string, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.StringVar(&s.program, "program", "", "program to torture; default: it is built from this repository")
	flags.DurationVar(&s.limit, "for", 10*time.Minute, "time after which no further try begins; 0 for none")
	flags.IntVar(&s.tries, "tries", 0, "tries of each torture in a lane; 0 for no limit")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of all tries")
	flags.IntVar(&s.lanes, "lanes", 2, "tries that are made side by side")
	flags.StringVar(&s.keep, "keep", "", "folder in which files that led to a fault are kept")
	only := flags.String("only", "", "names of the tortures, such as kill,disk; default: all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *only != "" {
		s.only = strings.Split(*only, ",")
	}
	if s.limit == 0 && s.tries == 0 {
		return errors.New("got no limit, want -for or -tries")
	}
	t, err := torment(s)
	if err != nil {
		return err
	}
	t.print(out)
	if len(t.faults) > 0 {
		return fmt.Errorf("got %d faults, want none", len(t.faults))
	}
	return nil
}

// torment does all tries.
func torment(s settings) (_ *tally, err error) {
	base, err := os.MkdirTemp("", "torture-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	if s.program == "" {
		s.program = filepath.Join(base, "quintile")
		if text, err := exec.Command("go", "build", "-o", s.program, "github.com/quintile-dev/quintile/cmd/quintile").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building the program: %w: %s", err, text)
		}
	}
	p := &program{path: s.program, limit: 2 * time.Minute, peak: 1 << 30}
	t := newTally()
	end := time.Now().Add(s.limit)
	over := func() bool { return s.limit > 0 && time.Now().After(end) }
	var wg sync.WaitGroup
	problems := make([]error, s.lanes)
	for l := range s.lanes {
		wg.Go(func() {
			problems[l] = s.work(&lane{l, p, filepath.Join(base, fmt.Sprint("lane-", l)), s.keep}, t, over)
		})
	}
	wg.Wait()
	return t, errors.Join(problems...)
}

// work makes the tries of a lane, torture after torture, over and over.
func (s *settings) work(l *lane, t *tally, over func() bool) error {
	var names []string
	var all []tormentor
	for _, kind := range tortures {
		if len(s.only) > 0 && !slices.Contains(s.only, kind.name) {
			continue
		}
		own := *l
		own.folder = filepath.Join(l.folder, kind.name)
		if err := os.MkdirAll(own.folder, 0o700); err != nil {
			return err
		}
		do, err := kind.ready(&own)
		if err != nil {
			return fmt.Errorf("preparing %s: %w", kind.name, err)
		}
		names, all = append(names, kind.name), append(all, do)
	}
	if len(all) == 0 {
		return fmt.Errorf("got the tortures %v, of which there is none", s.only)
	}
	for n := 0; s.tries == 0 || n < s.tries; n++ {
		for i, do := range all {
			if over() {
				return nil
			}
			one := try{s.seed, l.number, n, rand.New(rand.NewPCG(s.seed, uint64(l.number)<<40|uint64(i)<<32|uint64(n)))}
			end, err := do(one)
			if err != nil {
				t.fault(names[i], one, err)
			} else {
				t.count(names[i], end)
			}
		}
	}
	return nil
}
