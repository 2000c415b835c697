package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// packages writes a .deb and an .rpm for Linux, by nfpm.
func (r *release) packages(p platform, files []file) error {
	if p.os != "linux" {
		return nil
	}
	type info struct {
		Mode  int    `json:"mode"`
		MTime string `json:"mtime"`
	}
	type content struct {
		Src  string `json:"src"`
		Dst  string `json:"dst"`
		Info info   `json:"file_info"`
	}
	date := r.time.Format("2006-01-02T15:04:05Z")
	var contents []content
	for _, f := range files {
		to := "/usr/share/doc/quintile/" + f.name
		switch {
		case f.mode&0o100 != 0:
			to = "/usr/bin/" + f.name
		case strings.HasPrefix(f.name, "man/"):
			to = "/usr/share/man/man1/" + filepath.Base(f.name)
		}
		from, err := filepath.Abs(f.from)
		if err != nil {
			return err
		}
		contents = append(contents, content{from, to, info{int(f.mode), date}})
	}
	config, err := json.Marshal(map[string]any{ // JSON is YAML
		"name": "quintile", "arch": p.arch, "platform": "linux", "version": r.version, "section": "science", "priority": "optional",
		"maintainer": "Quintile <quintile@users.noreply.github.com>", "homepage": "https://github.com/quintile-dev/quintile", "license": "Apache-2.0",
		"description": "Mine and segment customers from their transactions.", "contents": contents, "mtime": date,
		"rpm": map[string]any{"buildhost": "quintile"},
	})
	if err != nil {
		return err
	}
	path := filepath.Join(filepath.Dir(files[0].from), "nfpm.yaml")
	if err := os.WriteFile(path, config, 0o644); err != nil {
		return err
	}
	for _, kind := range []string{"deb", "rpm"} {
		target := filepath.Join(r.out, fmt.Sprintf("quintile-%s-%s.%s", r.version, p, kind))
		cmd := exec.Command("go", "tool", "nfpm", "package", "--config", path, "--packager", kind, "--target", target)
		cmd.Stderr = os.Stderr
		cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH="+strconv.FormatInt(r.time.Unix(), 10))
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}
