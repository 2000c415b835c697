// Quintile mines and segments customers: it loads transaction histories,
// computes features, fits models side by side, and publishes scored segments.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	_ "time/tzdata" // time zones on machines that have none

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/exit"
)

func main() {
	dieVisibly()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// terminal is what a command has to talk to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	format   string // of the log: auto, json or console
	quiet    bool
}

// run does what the arguments say and returns the exit code.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := withSignals(context.Background(), errOut)
	defer stop()
	t := &terminal{in: in, out: out, err: errOut}
	root := newRoot(t)
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return int(exit.Done)
	}
	code := exit.Of(err)
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err, code = cause, exit.Of(cause)
	}
	if code != exit.NothingToDo { // no failure, and said already
		fmt.Fprintln(errOut, "quintile:", err)
	}
	return int(code)
}

func newRoot(t *terminal) *cobra.Command {
	root := &cobra.Command{
		Use:           "quintile",
		Short:         "Mine and segment customers from their transactions",
		Long:          "Quintile turns a transaction history into scored customer segments.\n\nStart with: quintile demo, or quintile init FILE.",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("unknown command %q; see quintile --help", args[0]))
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.PersistentFlags().StringVar(&t.format, "log", "auto", "form of the log on stderr: auto, json or console")
	root.PersistentFlags().BoolVarP(&t.quiet, "quiet", "q", false, "log errors only, and show no progress")
	root.AddCommand(newInit(t), newCheck(t), newRun(t), newScore(t), newExplain(t), newDiff(t), newReport(t), newDemo(t), newSchema(t), newManual(), newVersion(t))
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if t.format != "auto" && t.format != "json" && t.format != "console" {
			return usage(fmt.Errorf("--log: got %q, want auto, json or console", t.format))
		}
		return nil
	}
	return root
}

// usage gives an error the exit code of a wrong command line.
func usage(err error) error { return &exit.Error{Code: exit.Usage, Err: err} }

// exactArgs is cobra.ExactArgs with the exit code of a wrong command line.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usage(fmt.Errorf("%s: got %d arguments, want %s; see %s --help", c.Name(), len(args), what, c.CommandPath()))
	}
}

// release is the version of a release, set when packages are built.
var release string

// version returns the version of the release or the module, and the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if release != "" {
		v = release
	}
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return v + " " + s.Value[:12]
		}
	}
	return v
}
