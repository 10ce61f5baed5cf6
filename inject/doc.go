// Package inject writes text into the focused window as a keyboard would: it
// finds the strokes of each character on the layout in effect, and presses them
// at a pace that nothing between the kernel and the application loses. What the
// layout does not have is pasted.
//
// The device is not acknowledged: a key that is lost leaves no trace for its
// writer. A reader of an evdev node has a queue of 64 events
// (EVDEV_MIN_BUFFER_SIZE in drivers/input/evdev.c), which is 16 characters, and
// throws it away whole when it overflows. So nothing is written blindly: after
// at most 40 events the compositor is asked for an answer.
package inject
