package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export/importcheck"
)

// crmCheck is what "quintile check --crm" checks in place of a job.
type crmCheck struct{ path, profile string }

// flags adds the flags of the check.
func (o *crmCheck) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.path, "crm", "", "check a file for a CRM system, or the folder of one below crm, in place of a job")
	c.Flags().StringVar(&o.profile, "profile", "", "with --crm: the system whose rules hold; default: that of the manifest.json beside the file")
}

// arguments returns a check of the arguments: a job, or none with --crm.
func (o *crmCheck) arguments(c *cobra.Command, args []string) error {
	switch {
	case o.path == "" && o.profile != "":
		return usage(errors.New("--profile: got no --crm beside it, want the file or folder to check"))
	case o.path == "":
		return exactArgs(1, "one job file")(c, args)
	}
	return exactArgs(0, "no job beside --crm")(c, args)
}

// run checks the files and prints the verdict of their system.
func (o *crmCheck) run(t *terminal) error {
	reports, err := o.reports()
	if err != nil {
		return err
	}
	faults := int64(0)
	for _, r := range reports {
		fmt.Fprintf(t.out, "%s: %s, %d rows, %d bytes\n", r.Path, r.System, r.Rows, r.Bytes)
		for _, f := range r.Faults {
			fmt.Fprintf(t.out, "%s: %s\n", r.Path, f)
		}
		if more := r.Count - int64(len(r.Faults)); more > 0 {
			fmt.Fprintf(t.out, "%s: and %d more\n", r.Path, more)
		}
		faults += r.Count
	}
	if faults > 0 {
		return &exit.Error{Code: exit.BadInput, Err: fmt.Errorf("%s: got %d faults, want none; the system would refuse or misunderstand the file", o.path, faults)}
	}
	return nil
}

func (o *crmCheck) reports() ([]*importcheck.Report, error) {
	info, err := os.Stat(o.path)
	if err != nil {
		return nil, &exit.Error{Code: exit.BadInput, Err: err}
	}
	if info.IsDir() && o.profile == "" {
		reports, err := importcheck.CheckFolder(o.path)
		return reports, unreadable(err)
	}
	profile := o.profile
	if profile == "" {
		if profile, err = importcheck.SystemOf(o.path); err != nil {
			return nil, unreadable(err)
		}
	}
	if systems := importcheck.Systems(); profile == "" || info.IsDir() {
		return nil, usage(fmt.Errorf("%s: got no file with a manifest.json beside it, want a file and --profile, one of %s", o.path, strings.Join(systems, ", ")))
	}
	r, err := importcheck.Check(o.path, profile)
	if err != nil {
		return nil, unreadable(err)
	}
	return []*importcheck.Report{r}, nil
}

// unreadable adds the exit code to the error of a file that cannot be checked.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return &exit.Error{Code: exit.BadInput, Err: err}
	}
	return usage(err)
}
