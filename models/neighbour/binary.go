package neighbour

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// magic opens the binary form of a model; its last character is the version.
const magic = "QNEIGHB1"

// header is the length of what precedes the items: magic, items and weights.
const header = len(magic) + 8 + 8

// MarshalBinary writes the model: magic, the number of items and of weights,
// per item whether the item is dense and its number of weights, then the items
// predicted and the weights, at last a CRC-32 (Castagnoli) of all. Numbers are
// little-endian, and weights keep their bits.
//
// Cost: 12 bytes per weight and 5 per item.
func (m *Model) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, header+5*m.Items()+12*len(m.to)+4)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint64(b, uint64(m.Items()))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(m.to)))
	for i, dense := range m.dense {
		flag := byte(0)
		if dense {
			flag = 1
		}
		b = append(b, flag)
		b = binary.LittleEndian.AppendUint32(b, uint32(m.offsets[i+1]-m.offsets[i]))
	}
	for _, to := range m.to {
		b = binary.LittleEndian.AppendUint32(b, to)
	}
	for _, w := range m.weights {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(w))
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b)), nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// UnmarshalBinary reads the output of MarshalBinary and refuses any other
// bytes. No part of b is kept, and no more memory than the length of b is
// allocated.
func (m *Model) UnmarshalBinary(b []byte) error {
	read, err := parse(b)
	if err != nil {
		return fmt.Errorf("neighbour: reading a model: %w; fit it again", err)
	}
	*m = *read
	return nil
}

func parse(b []byte) (*Model, error) {
	if len(b) < header+4 || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("got no model of the form %s", magic)
	}
	items := binary.LittleEndian.Uint64(b[len(magic):])
	weights := binary.LittleEndian.Uint64(b[len(magic)+8:])
	size := uint64(len(b) - header - 4)
	if items > size/5 || weights > size/12 || 5*items+12*weights != size {
		return nil, fmt.Errorf("got %d bytes, want those of %d items and %d weights", len(b), items, weights)
	}
	body, sum := b[header:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if checksum(b[:len(b)-4]) != sum {
		return nil, errors.New("got a wrong checksum: the bytes are damaged")
	}
	m := &Model{
		dense:   make([]bool, items),
		offsets: make([]int64, items+1),
		to:      make([]uint32, weights),
		weights: make([]float64, weights),
	}
	for i := range m.dense {
		m.dense[i] = body[0] != 0
		m.offsets[i+1] = m.offsets[i] + int64(binary.LittleEndian.Uint32(body[1:]))
		body = body[5:]
	}
	if m.offsets[items] != int64(weights) {
		return nil, fmt.Errorf("got %d weights by item, want %d", m.offsets[items], weights)
	}
	for k := range m.to {
		m.to[k] = binary.LittleEndian.Uint32(body[4*k:])
	}
	body = body[4*len(m.to):]
	for k := range m.weights {
		m.weights[k] = math.Float64frombits(binary.LittleEndian.Uint64(body[8*k:]))
		if w := m.weights[k]; w-w != 0 {
			return nil, fmt.Errorf("got weight %v, want a finite number", w)
		}
	}
	for i := range m.dense {
		to, _ := m.Weights(uint32(i))
		if err := checkSet(to, i, len(m.dense)); err != nil {
			return nil, err
		}
	}
	return m, nil
}
