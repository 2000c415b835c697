package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// bill writes the parts of a binary, read from the binary itself, as CycloneDX 1.5.
func (r *release) bill(p platform, files []file) error {
	info, err := buildinfo.ReadFile(files[0].from)
	if err != nil {
		return err
	}
	type component struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Version string `json:"version"`
		PURL    string `json:"purl,omitempty"`
	}
	list := []component{{"framework", "go", info.GoVersion, "pkg:golang/std@" + info.GoVersion[2:]}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		list = append(list, component{"library", m.Path, m.Version, "pkg:golang/" + m.Path + "@" + m.Version})
	}
	text, err := json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata": map[string]any{
			"timestamp": r.time.Format(time.RFC3339),
			"component": component{"application", "quintile", r.version, "pkg:golang/github.com/quintile-dev/quintile@v" + r.version},
		},
		"components": list,
	}, "", "  ")
	if err != nil {
		return err
	}
	name := fmt.Sprintf("quintile-%s-%s.cdx.json", r.version, p)
	return os.WriteFile(filepath.Join(r.out, name), append(text, '\n'), 0o644)
}
