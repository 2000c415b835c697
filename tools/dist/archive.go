package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// archive writes a .tar.gz, or a .zip for Windows, with one folder.
func (r *release) archive(p platform, files []file) error {
	name := fmt.Sprintf("quintile-%s-%s", r.version, p)
	if p.os == "windows" {
		return r.zip(name+".zip", func(add func(name string, mode os.FileMode, from string) error) error {
			for _, f := range files {
				if err := add(name+"/"+f.name, f.mode, f.from); err != nil {
					return err
				}
			}
			return nil
		})
	}
	out, err := os.Create(filepath.Join(r.out, name+".tar.gz"))
	if err != nil {
		return err
	}
	defer out.Close()
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, f := range files {
		text, err := os.ReadFile(f.from)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: name + "/" + f.name, Mode: int64(f.mode), Size: int64(len(text)), ModTime: r.time, Format: tar.FormatPAX}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(text); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Close()
}

// zip writes a .zip of the files added by fill.
func (r *release) zip(name string, fill func(add func(name string, mode os.FileMode, from string) error) error) error {
	out, err := os.Create(filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	defer out.Close()
	z := zip.NewWriter(out)
	err = fill(func(name string, mode os.FileMode, from string) error {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.time}
		h.SetMode(mode)
		w, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		f, err := os.Open(from)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
	if err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Close()
}
