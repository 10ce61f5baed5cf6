package main

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
)

// stack joins several pictures, from top to bottom, and removes their files.
func (s *studio) stack(name string, parts ...string) error {
	var pictures []image.Image
	var size image.Point
	for _, part := range parts {
		path := filepath.Join(s.out, part+".png")
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		picture, err := png.Decode(f)
		if err := errors.Join(err, f.Close(), os.Remove(path)); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		pictures = append(pictures, picture)
		size = image.Pt(max(size.X, picture.Bounds().Dx()), size.Y+picture.Bounds().Dy())
	}
	whole, y := image.NewRGBA(image.Rectangle{Max: size}), 0
	for _, p := range pictures {
		draw.Draw(whole, p.Bounds().Sub(p.Bounds().Min).Add(image.Pt(0, y)), p, p.Bounds().Min, draw.Src)
		y += p.Bounds().Dy()
	}
	f, err := os.Create(filepath.Join(s.out, name+".png"))
	if err != nil {
		return err
	}
	return errors.Join((&png.Encoder{CompressionLevel: png.BestCompression}).Encode(f, whole), f.Close())
}
