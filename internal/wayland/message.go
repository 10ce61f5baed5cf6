package wayland

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// The wire format is in the byte order of the machine:
//
//	object uint32 | size<<16 + opcode uint32 | arguments, each of whole words
//
// Source: wayland.freedesktop.org/docs/html/ch04.html#sect-Protocol-Wire-Format.
const header = 8

// maxMessage is the largest size that 16 bits can hold.
const maxMessage = 1<<16 - 1

// encode returns a request and the files that go with it.
func encode(object ID, opcode uint16, args []any) ([]byte, []*os.File, error) {
	b := make([]byte, header, 64)
	var files []*os.File
	for _, a := range args {
		switch a := a.(type) {
		case ID:
			b = binary.NativeEndian.AppendUint32(b, uint32(a))
		case uint32:
			b = binary.NativeEndian.AppendUint32(b, a)
		case int32:
			b = binary.NativeEndian.AppendUint32(b, uint32(a))
		case string:
			b = binary.NativeEndian.AppendUint32(b, uint32(len(a)+1))
			b = append(append(b, a...), 0)
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		case *os.File:
			files = append(files, a)
		default:
			panic(fmt.Sprintf("wayland: argument of type %T", a))
		}
	}
	if len(b) > maxMessage {
		return nil, nil, errors.New("message too long")
	}
	binary.NativeEndian.PutUint32(b, uint32(object))
	binary.NativeEndian.PutUint32(b[4:], uint32(len(b))<<16|uint32(opcode))
	return b, files, nil
}

// An Event is a message of the compositor. Read its arguments in their order. A missing
// argument is zero, and ends the connection after the handler.
type Event struct {
	Opcode uint16
	args   []byte
	files  *[]*os.File
	broken bool
}

// Uint reads an unsigned integer.
func (e *Event) Uint() uint32 {
	if len(e.args) < 4 {
		e.broken = true
		return 0
	}
	v := binary.NativeEndian.Uint32(e.args)
	e.args = e.args[4:]
	return v
}

// ID reads the ID of an object, new or not, or 0 for none.
func (e *Event) ID() ID { return ID(e.Uint()) }

// Bytes reads an array.
func (e *Event) Bytes() []byte {
	n := uint64(e.Uint())
	padded := (n + 3) &^ 3
	if uint64(len(e.args)) < padded {
		e.broken = true
		return nil
	}
	v := e.args[:n]
	e.args = e.args[padded:]
	return v
}

// String reads a string. No string is "".
func (e *Event) String() string {
	b := e.Bytes()
	if len(b) == 0 {
		return ""
	}
	if b[len(b)-1] != 0 {
		e.broken = true
		return ""
	}
	return string(b[:len(b)-1])
}

// File reads a file, which the handler must close. It is nil if none came.
func (e *Event) File() *os.File {
	if len(*e.files) == 0 {
		e.broken = true
		return nil
	}
	f := (*e.files)[0]
	*e.files = (*e.files)[1:]
	return f
}
