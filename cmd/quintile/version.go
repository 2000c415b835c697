package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/cpu"
)

func newVersion(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit, and what the processor can do",
		Args:  exactArgs(0, "none"),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(t.out, versionText())
			return err
		},
	}
}

// versionText returns the version, the commit, the compiler and the processor.
func versionText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "quintile   %s\n", version())
	if info, ok := debug.ReadBuildInfo(); ok {
		of := map[string]string{}
		for _, s := range info.Settings {
			of[s.Key] = s.Value
		}
		if commit := of["vcs.revision"]; commit != "" {
			if of["vcs.modified"] == "true" {
				commit += " with changes"
			}
			fmt.Fprintf(&b, "commit     %s %s\n", commit, of["vcs.time"])
		}
	}
	fmt.Fprintf(&b, "go         %s %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(&b, "processor  %d cores; %s\n", runtime.NumCPU(), features())
	return b.String()
}

// features lists the extensions of the processor for which there is assembler.
func features() string {
	var have []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"AVX2", cpu.X86.HasAVX2}, {"BMI2", cpu.X86.HasBMI2}, {"FMA", cpu.X86.HasFMA}, {"AVX-512", cpu.X86.HasAVX512F}, {"ASIMD", cpu.ARM64.HasASIMD},
	} {
		if f.has {
			have = append(have, f.name)
		}
	}
	if len(have) == 0 {
		return "none of the extensions that there is assembler for"
	}
	return strings.Join(have, ", ")
}
