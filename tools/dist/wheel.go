package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// wheel writes a package for pip: the program as a command, and the module quintile for
// notebooks. The form is the binary distribution format of Python, version 1.0.
func (r *release) wheel(p platform, files []file) error {
	version := pythonVersion(r.version)
	folder, err := os.MkdirTemp("", "quintile-wheel")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	info, data := "quintile-"+version+".dist-info/", "quintile-"+version+".data/"
	var list []file
	add := func(name, from string, mode os.FileMode) { list = append(list, file{name, from, mode}) }
	write := func(name, text string) error {
		from := filepath.Join(folder, filepath.Base(name))
		add(name, from, 0o644)
		return os.WriteFile(from, []byte(text), 0o644)
	}
	module := filepath.Join(r.root, "tools", "dist", "python", "quintile", "__init__.py")
	add("quintile/__init__.py", module, 0o644)
	add(data+"scripts/"+p.program(), files[0].from, 0o755)
	for _, f := range files {
		if page, ok := strings.CutPrefix(f.name, "man/"); ok {
			add(data+"data/share/man/man1/"+page, f.from, 0o644)
		}
	}
	add(info+"licenses/LICENSE", filepath.Join(r.root, "LICENSE"), 0o644)
	readme, err := os.ReadFile(filepath.Join(r.root, "README.md"))
	if err != nil {
		return err
	}
	tags := strings.Split(p.wheel, ".")
	wheel := "Wheel-Version: 1.0\nGenerator: quintile dist\nRoot-Is-Purelib: false\n"
	for _, tag := range tags {
		wheel += "Tag: py3-none-" + tag + "\n"
	}
	if err := write(info+"WHEEL", wheel); err != nil {
		return err
	}
	if err := write(info+"METADATA", metadata(version, string(readme))); err != nil {
		return err
	}
	record := info + "RECORD"
	var rows strings.Builder
	for _, f := range list {
		text, err := os.ReadFile(f.from)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(text)
		fmt.Fprintf(&rows, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(text))
	}
	rows.WriteString(record + ",,\n")
	if err := write(record, rows.String()); err != nil {
		return err
	}
	return r.zip(fmt.Sprintf("quintile-%s-py3-none-%s.whl", version, p.wheel), func(put func(name string, mode os.FileMode, from string) error) error {
		for _, f := range list {
			if err := put(f.name, f.mode, f.from); err != nil {
				return err
			}
		}
		return nil
	})
}

// pythonVersion writes a version as Python orders versions: 0.1.0-rc.1 is 0.1.0rc1.
func pythonVersion(v string) string {
	v = strings.ReplaceAll(v, "-rc.", "rc")
	v = strings.ReplaceAll(v, "-beta.", "b")
	return strings.ReplaceAll(v, "-alpha.", "a")
}

func metadata(version, readme string) string {
	return "Metadata-Version: 2.4\nName: quintile\nVersion: " + version + `
Summary: Mine and segment customers from their transactions
License-Expression: Apache-2.0
License-File: LICENSE
Requires-Python: >=3.9
Provides-Extra: pandas
Requires-Dist: pandas>=2.0; extra == "pandas"
Requires-Dist: pyarrow>=12; extra == "pandas"
Provides-Extra: polars
Requires-Dist: polars>=1.0; extra == "polars"
Project-URL: Source, https://github.com/quintile-dev/quintile
Description-Content-Type: text/markdown

` + readme
}
