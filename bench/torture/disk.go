package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// diskSize is the size of the small file system, in KiB.
const diskSize = 24 << 10

// newDisk fills the disk, or forbids large files, at any moment of the second run. A small file
// system is mounted for root; other users get limited files only.
func newDisk(l *lane) (tormentor, error) {
	d, err := newTwoDays(l, 300, 8000)
	if err != nil {
		return nil, err
	}
	mounted := os.Geteuid() == 0 && mountable(l.folder)
	return func(t try) (end string, err error) {
		history := t.rng.IntN(2) == 0
		if !mounted || t.rng.IntN(3) == 0 {
			jobFolder, err := d.begin(history, "")
			if err != nil {
				return "", err
			}
			kib := 1 + t.rng.IntN(400)
			o := d.l.program.limited(d.folder, kib, "run", "--quiet", "--as-of", late, "job.yaml")
			return d.full("files limited", jobFolder, o)
		}
		disk := filepath.Join(l.folder, "disk")
		if err := mount(disk); err != nil {
			return "", err
		}
		defer func() {
			if text, problem := exec.Command("umount", disk).CombinedOutput(); problem != nil && err == nil {
				err = fmt.Errorf("umount: %w: %s", problem, text)
			}
		}()
		jobFolder, err := d.begin(history, disk)
		if err != nil {
			return "", err
		}
		ballast := filepath.Join(disk, "ballast")
		if err := fillUp(ballast, t.rng.IntN(1200)); err != nil {
			return "", err
		}
		o := d.run(late)
		if err := os.Remove(ballast); err != nil {
			return "", err
		}
		return d.full("disk full", jobFolder, o)
	}, nil
}

// full looks at the remains of a run that had too little room.
func (d *twoDays) full(what, jobFolder string, o outcome) (string, error) {
	if o.fault != "" || o.code != done && o.code != notWritten {
		return "", fmt.Errorf("%s: exit code %d, %s: %s", what, o.code, o.fault, clip(o.err))
	}
	now, err := d.check(jobFolder)
	if err != nil {
		return "", err
	}
	if there := now.days["as_of="+late] != nil; there != (o.code == done) {
		return "", fmt.Errorf("%s: exit code %d, and the day is published: %v: %s", what, o.code, there, clip(o.err))
	}
	return fmt.Sprintf("%s: %d", what, o.code), d.after(jobFolder)
}

// mount makes an empty small file system at a folder.
func mount(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	text, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", diskSize), "tmpfs", folder).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mount: %w: %s", err, text)
	}
	return nil
}

// mountable reports whether a file system can be mounted here.
func mountable(folder string) bool {
	probe := filepath.Join(folder, "probe")
	if mount(probe) != nil {
		return false
	}
	return exec.Command("umount", probe).Run() == nil
}

// fillUp fills the file system of a path but for so many KiB.
func fillUp(path string, free int) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	block := make([]byte, 1<<10)
	written := 0
	for {
		if _, err := file.Write(block); err != nil {
			break // it is full
		}
		written++
	}
	if err := file.Truncate(int64(max(0, written-free)) << 10); err != nil {
		return err
	}
	return file.Close()
}
