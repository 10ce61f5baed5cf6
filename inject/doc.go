// Package inject writes text into the focused window as a keyboard would: it
// finds the strokes of each character on the layout in effect, and presses them
// at a pace at which no key is lost between the kernel and the application. It pastes
// what the layout does not have.
//
// The kernel does not report to the writer of a key that the key was lost. A reader of an
// evdev node has a queue of 64 events (EVDEV_MIN_BUFFER_SIZE in drivers/input/evdev.c),
// which is 16 characters. When the queue overflows, the kernel discards all of it. So after
// at most 40 events the typist asks the compositor for an answer.
package inject
