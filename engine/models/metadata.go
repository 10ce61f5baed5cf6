package models

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// The metadata of a network are the fields metadata_props of its ModelProto, messages of a
// key and a value. Source: github.com/onnx/onnx/blob/main/onnx/onnx.proto. The encoding of
// protocol buffers: protobuf.dev/programming-guides/encoding.
const (
	metadataField = 14
	keyField      = 1
	valueField    = 2

	maxMetadata = 1 << 20 // bytes of all keys and values
	maxFields   = 10000   // of a ModelProto
)

var errNoNetwork = errors.New("not an ONNX file")

// Metadata returns the metadata of a network. It reads no weights.
func Metadata(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	about, left := map[string]string{}, int64(maxMetadata)
	r := &seeker{f: f, r: bufio.NewReader(f), left: info.Size()}
	for n := 0; r.left > 0; n++ {
		number, size, err := header(r)
		if err != nil || size > r.left || n == maxFields {
			return nil, fmt.Errorf("read %s: %w", path, errNoNetwork)
		}
		if number != metadataField {
			if err := r.skip(size); err != nil {
				return nil, fmt.Errorf("read %s: %w", path, err)
			}
			continue
		}
		if left -= size; left < 0 {
			return nil, fmt.Errorf("read %s: %w: more than %d bytes of metadata", path, errNoNetwork, maxMetadata)
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		key, value, err := entry(b)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, errNoNetwork)
		}
		about[key] = value
	}
	return about, nil
}

// entry decodes one key and value.
func entry(b []byte) (key, value string, err error) {
	r := bytes.NewReader(b)
	for r.Len() > 0 {
		number, size, err := header(r)
		if err != nil || size > int64(r.Len()) {
			return "", "", errNoNetwork
		}
		text := make([]byte, size)
		_, _ = io.ReadFull(r, text) // r has them
		switch number {
		case keyField:
			key = string(text)
		case valueField:
			value = string(text)
		}
	}
	return key, value, nil
}

// The types of fields in the encoding of protocol buffers.
const (
	varint  = 0
	fixed64 = 1
	bounded = 2
	fixed32 = 5
)

// header reads the beginning of a field: its number, and the length of what follows.
func header(r io.ByteReader) (number uint64, size int64, err error) {
	tag, err := binary.ReadUvarint(r)
	if err != nil {
		return 0, 0, err
	}
	var length uint64
	switch tag & 7 {
	case varint:
		_, err = binary.ReadUvarint(r)
	case fixed64:
		length = 8
	case bounded:
		length, err = binary.ReadUvarint(r)
	case fixed32:
		length = 4
	default:
		err = errNoNetwork
	}
	if length > math.MaxInt64 {
		err = errNoNetwork
	}
	return tag >> 3, int64(length), err
}

// A seeker reads a file and knows how much is left. It skips without reading.
type seeker struct {
	f    *os.File
	r    *bufio.Reader
	left int64
}

func (s *seeker) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err == nil {
		s.left--
	}
	return b, err
}

func (s *seeker) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.left -= int64(n)
	return n, err
}

func (s *seeker) skip(n int64) error {
	s.left -= n
	if buffered := int64(s.r.Buffered()); n > buffered {
		if _, err := s.f.Seek(n-buffered, io.SeekCurrent); err != nil {
			return err
		}
		s.r.Reset(s.f)
		return nil
	}
	_, err := s.r.Discard(int(n))
	return err
}
