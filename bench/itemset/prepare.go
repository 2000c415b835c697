package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// prepare writes the files of baskets, one a line, for both sides.
func prepare(shared, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	retail, err := unpack(filepath.Join(shared, "fimi", "retail.dat.gz"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "retail.dat"), retail, 0o644); err != nil {
		return err
	}
	raw, err := unpack(filepath.Join(shared, "online-retail", "online-retail.csv.gz"))
	if err != nil {
		return err
	}
	online, err := invoices(string(raw))
	if err != nil {
		return err
	}
	return errors.Join(
		write(filepath.Join(dir, "online.dat"), online),
		write(filepath.Join(dir, "t10i4.dat"), t10i4d100k().generate(1)),
		write(filepath.Join(dir, "wholesale.dat"), wholesale(1)))
}

func unpack(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// invoices returns the clean invoices of Online Retail.
func invoices(text string) ([][]uint32, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	codes, at := map[string]uint32{}, map[string]int{}
	var baskets [][]uint32
	for _, row := range rows[1:] {
		q, errQ := strconv.Atoi(row[3])
		p, errP := strconv.ParseFloat(row[5], 64)
		if err := errors.Join(errQ, errP); err != nil {
			return nil, err
		}
		if row[6] == "" || row[0][0] == 'C' || q <= 0 || p <= 0 {
			continue
		}
		if _, ok := at[row[0]]; !ok {
			at[row[0]] = len(baskets)
			baskets = append(baskets, nil)
		}
		if _, ok := codes[row[1]]; !ok {
			codes[row[1]] = uint32(len(codes))
		}
		baskets[at[row[0]]] = append(baskets[at[row[0]]], codes[row[1]])
	}
	return baskets, nil
}

// wholesale returns 100,000 baskets of about 6.6 of 5,000 items, and 30 of 50 out
// of the same 60.
func wholesale(seed uint64) [][]uint32 {
	rng := rand.New(rand.NewPCG(seed, 3))
	var baskets [][]uint32
	for i := range 100_030 {
		var basket []uint32
		if i >= 100_000 {
			for _, item := range rng.Perm(60)[:50] {
				basket = append(basket, uint32(item))
			}
		} else {
			for range 1 + rng.IntN(6) + rng.IntN(7) + rng.IntN(2) {
				basket = append(basket, uint32(rng.IntN(5_000)))
			}
		}
		baskets = append(baskets, basket)
	}
	return baskets
}

func write(path string, baskets [][]uint32) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, basket := range baskets {
		for i, item := range basket {
			if i > 0 {
				fmt.Fprint(w, " ")
			}
			fmt.Fprint(w, item)
		}
		fmt.Fprintln(w)
	}
	return errors.Join(w.Flush(), f.Close())
}
