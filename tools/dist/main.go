// Command dist builds the files to install: static binaries for each platform in archives,
// Debian and RPM packages, Python wheels, a list of the parts of each binary (CycloneDX)
// and checksums. Two builds of one commit give the same bytes.
//
//	cd tools && go run ./dist -version 0.1.0 -out ../dist
//
// The command needs Go and git. Packages for Debian and RPM are made by nfpm, built from
// the module of these tools.
package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// platform is a target of the build.
type platform struct {
	os, arch string
	wheel    string // tag of the platform in the name of a wheel
}

var platforms = []platform{
	{"linux", "amd64", "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"},
	{"linux", "arm64", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"},
	{"darwin", "amd64", "macosx_12_0_x86_64"},
	{"darwin", "arm64", "macosx_12_0_arm64"},
	{"windows", "amd64", "win_amd64"},
	{"windows", "arm64", "win_arm64"},
}

func (p platform) String() string { return p.os + "-" + p.arch }

// program is the name of the binary.
func (p platform) program() string {
	if p.os == "windows" {
		return "quintile.exe"
	}
	return "quintile"
}

// release is the set of files to build.
type release struct {
	root    string // of the repository
	out     string
	version string    // such as 0.1.0
	time    time.Time // of the commit; every file in an archive has it
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run() error {
	r := &release{}
	only := ""
	flag.StringVar(&r.version, "version", "", "version, such as 0.1.0; default: of the newest tag, or 0.0.0 before there is one")
	flag.StringVar(&r.out, "out", "../dist", "folder of the results; must be empty or absent")
	flag.StringVar(&r.root, "root", "..", "folder of the repository")
	flag.StringVar(&only, "only", "", "platforms to build for, such as linux-amd64,darwin-arm64; default all")
	flag.Parse()
	if err := r.prepare(); err != nil {
		return err
	}
	for _, p := range platforms {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.String()) {
			continue
		}
		if err := r.build(p); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	return r.checksums()
}

// prepare completes the release and makes the folder.
func (r *release) prepare() error {
	seconds, err := r.git("log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return fmt.Errorf("the time of the commit: %w", err)
	}
	r.time = time.Unix(n, 0).UTC()
	if r.version == "" {
		r.version = "0.0.0"
		if tag, err := r.git("describe", "--tags", "--abbrev=0"); err == nil {
			r.version = strings.TrimPrefix(tag, "v")
		}
	}
	if old, err := os.ReadDir(r.out); err == nil && len(old) > 0 {
		return fmt.Errorf("got %d files in %s, want none; remove them, or name another folder with -out", len(old), r.out)
	}
	return os.MkdirAll(r.out, 0o755)
}

func (r *release) git(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.root
	text, err := cmd.Output()
	return strings.TrimSpace(string(text)), err
}

// build makes everything for one platform.
func (r *release) build(p platform) error {
	folder, err := os.MkdirTemp("", "quintile-dist")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, p.program())
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -X main.release="+r.version, "-o", binary, "./cmd/quintile")
	cmd.Dir, cmd.Stderr = r.root, os.Stderr
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "GOAMD64=v1", "CGO_ENABLED=0", "GOFLAGS=")
	fmt.Fprintln(os.Stderr, "building", p)
	if err := cmd.Run(); err != nil {
		return err
	}
	files, err := r.files(p, binary)
	if err != nil {
		return err
	}
	for _, make := range []func(platform, []file) error{r.archive, r.wheel, r.packages, r.bill} {
		if err := make(p, files); err != nil {
			return err
		}
	}
	return nil
}

// file is a file of an archive.
type file struct {
	name, from string
	mode       os.FileMode
}

// files are the binary, the texts for people, and the pages of the manual.
func (r *release) files(p platform, binary string) ([]file, error) {
	files := []file{{p.program(), binary, 0o755}}
	for _, name := range []string{"README.md", "CHANGELOG.md", "LICENSE"} {
		files = append(files, file{name, filepath.Join(r.root, name), 0o644})
	}
	manual := filepath.Join(filepath.Dir(binary), "man")
	if err := os.Mkdir(manual, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "run", "./cmd/quintile", "manual", manual)
	cmd.Dir, cmd.Stderr = r.root, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "SOURCE_DATE_EPOCH="+strconv.FormatInt(r.time.Unix(), 10))
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the manual: %w", err)
	}
	pages, err := filepath.Glob(filepath.Join(manual, "*.1"))
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, errors.New("got no page of the manual, want one a command")
	}
	for _, page := range pages {
		files = append(files, file{"man/" + filepath.Base(page), page, 0o644})
	}
	return files, nil
}

// checksums writes SHA256SUMS, in the form for sha256sum -c.
func (r *release) checksums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, e := range entries {
		f, err := os.Open(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, f)
		f.Close()
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", h.Sum(nil), e.Name())
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), []byte(text.String()), 0o644)
}
