package screen

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/osd/paint"
	wire "github.com/arealicehole/vocoder/internal/wayland"
)

// A layer is a surface of wlr-layer-shell. Source:
// wayland.app/protocols/wlr-layer-shell-unstable-v1.
type layer struct {
	conn    *wire.Conn
	stop    context.CancelFunc
	running sync.WaitGroup
	changed chan struct{}
	place   Place

	compositor, shm, surface, layer, viewport wire.ID
	buffers                                   *buffers
	fitted                                    bool // the size is the final one

	mu         sync.Mutex // what the handlers of events change
	width      int        // logical; 0 before the first configure
	height     int
	serial     uint32
	configured bool // serial waits to be acknowledged
	scale      float64
	outputs    map[wire.ID]float64 // the scale of each output; empty with fractional scales
	gone       error
}

// connectLimit is how long the compositor may take to answer.
const connectLimit = 5 * time.Second

// The requests that this file sends, by interface. Source: wayland.app.
const (
	compositorCreateSurface, compositorCreateRegion = 0, 1

	surfaceDestroy, surfaceAttach, surfaceSetInputRegion = 0, 1, 5
	surfaceCommit, surfaceSetBufferScale                 = 6, 8
	surfaceDamageBuffer                                  = 9

	shellGetLayerSurface                             = 0
	layerSetSize, layerSetAnchor                     = 0, 1
	layerSetExclusiveZone, layerSetMargin            = 2, 3
	layerSetKeyboardInteractivity, layerAckConfigure = 4, 6

	regionDestroy          = 0
	managerGetFractional   = 1
	viewporterGetViewport  = 1
	viewportSetDestination = 2

	outputScale = 3 // an event
)

// The overlay layer, and the anchors.
const (
	overlayLayer                                            = uint32(3)
	anchorTop, anchorBottom, anchorLeft, anchorRight uint32 = 1, 2, 4, 8
)

func openLayer(ctx context.Context, path string, p Place) (Surface, error) {
	conn, err := wire.Dial(path)
	if err != nil {
		return nil, err
	}
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &layer{conn: conn, stop: stop, changed: make(chan struct{}, 1), place: p, scale: 1, outputs: map[wire.ID]float64{}}
	l.running.Go(func() {
		err := conn.Run(living)
		l.change(func() { l.gone = errors.Join(errors.New("the compositor is gone"), err) })
	})
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	if err := l.start(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// change makes a change under the mutex, and reports it.
func (l *layer) change(f func()) {
	l.mu.Lock()
	f()
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default: // it was not looked at yet
	}
}

// start makes the surface. The compositor answers with a size.
func (l *layer) start(ctx context.Context) error {
	if err := l.conn.Start(ctx); err != nil {
		return err
	}
	shell, _, err := l.conn.Bind(nil, "zwlr_layer_shell_v1", 4)
	if err != nil {
		return err
	}
	if l.compositor, _, err = l.conn.Bind(nil, "wl_compositor", 4); err != nil {
		return err
	}
	if l.shm, _, err = l.conn.Bind(nil, "wl_shm", 1); err != nil {
		return err
	}
	r := &requests{conn: l.conn}
	l.surface = r.create(l.surfaceEvent, l.compositor, compositorCreateSurface, wire.NewID{})
	region := r.create(nil, l.compositor, compositorCreateRegion, wire.NewID{}) // empty: it gets no click
	r.send(l.surface, surfaceSetInputRegion, region)
	r.send(region, regionDestroy)
	if err := l.followScale(r); err != nil {
		return err
	}
	l.layer = r.create(l.layerEvent, shell, shellGetLayerSurface, wire.NewID{}, l.surface, wire.ID(0), overlayLayer, "vocoder")
	r.send(l.layer, layerSetSize, uint32(0), uint32(l.logicalHeight()))
	r.send(l.layer, layerSetAnchor, l.edge()|anchorLeft|anchorRight)
	r.send(l.layer, layerSetExclusiveZone, int32(0)) // next to panels
	r.send(l.layer, layerSetMargin, int32(edge), int32(0), int32(edge), int32(0))
	r.send(l.layer, layerSetKeyboardInteractivity, uint32(0))
	r.send(l.surface, surfaceCommit)
	return r.err
}

// followScale asks for the scale of the surface: a fraction, or else that of the output.
func (l *layer) followScale(r *requests) error {
	if l.conn.Offers("wp_fractional_scale_manager_v1") > 0 && l.conn.Offers("wp_viewporter") > 0 {
		fractional, _, err := l.conn.Bind(nil, "wp_fractional_scale_manager_v1", 1)
		if err != nil {
			return err
		}
		viewporter, _, err := l.conn.Bind(nil, "wp_viewporter", 1)
		if err != nil {
			return err
		}
		l.viewport = r.create(nil, viewporter, viewporterGetViewport, wire.NewID{}, l.surface)
		r.create(func(e *wire.Event) {
			if scale := float64(e.Uint()) / 120; scale > 0 && scale <= maxScale {
				l.change(func() { l.scale = scale })
			}
		}, fractional, managerGetFractional, wire.NewID{}, l.surface)
		return nil
	}
	return l.conn.BindAll(func(output wire.ID, e *wire.Event) {
		if e.Opcode != outputScale {
			return
		}
		if scale := float64(e.Uint()); scale >= 1 && scale <= maxScale {
			l.change(func() { l.outputs[output], l.scale = scale, max(l.scale, scale) })
		}
	}, "wl_output", 2)
}

// maxScale bounds what the compositor can ask for.
const maxScale = 8

// surfaceEvent handles wl_surface.enter, which says on which output the surface is.
func (l *layer) surfaceEvent(e *wire.Event) {
	if e.Opcode != 0 {
		return
	}
	output := e.ID()
	l.change(func() {
		if scale := l.outputs[output]; scale > 0 {
			l.scale = scale
		}
	})
}

// layerEvent handles configure and closed.
func (l *layer) layerEvent(e *wire.Event) {
	switch e.Opcode {
	case 0:
		serial, width, height := e.Uint(), e.Uint(), e.Uint()
		l.change(func() {
			l.serial, l.configured = serial, true
			l.width, l.height = int(min(width, 1<<14)), int(min(height, 1<<12))
		})
	case 1:
		l.change(func() { l.gone = errors.New("the compositor closed the overlay") }) // its output is gone
	}
}

func (l *layer) logicalWidth() int  { return int(paint.Width * l.place.Size) }
func (l *layer) logicalHeight() int { return int(paint.Height * l.place.Size) }

func (l *layer) edge() uint32 {
	if l.place.At.Top {
		return anchorTop
	}
	return anchorBottom
}

// Changed implements Surface.
func (l *layer) Changed() <-chan struct{} { return l.changed }

// Draw implements Surface.
func (l *layer) Draw(paint Paint) error {
	l.mu.Lock()
	width, height, scale, serial, configured, gone := l.width, l.height, l.scale, l.serial, l.configured, l.gone
	l.configured = false
	l.mu.Unlock()
	if gone != nil || width == 0 && !configured {
		return gone
	}
	r := &requests{conn: l.conn}
	if configured {
		r.send(l.layer, layerAckConfigure, serial)
	}
	if !l.fitted {
		l.fitted = true
		if want := l.logicalWidth(); width > want { // now the width of the output is known
			anchor := l.edge()
			switch {
			case l.place.At.Align < 0:
				anchor |= anchorLeft
			case l.place.At.Align > 0:
				anchor |= anchorRight
			}
			l.mu.Lock()
			if l.serial == serial {
				l.width = 0 // until the configure that answers this
			}
			l.mu.Unlock()
			r.send(l.layer, layerSetSize, uint32(want), uint32(l.logicalHeight()))
			r.send(l.layer, layerSetAnchor, anchor)
			r.send(l.surface, surfaceCommit)
			return r.err
		}
	}
	if width <= 0 || height <= 0 {
		return r.err
	}
	return errors.Join(r.err, l.show(width, height, scale, paint))
}

// show draws into a free buffer and gives it to the compositor.
func (l *layer) show(width, height int, scale float64, paint Paint) error {
	if l.viewport == 0 {
		scale = math.Ceil(scale)
	}
	size := image.Pt(int(math.Round(float64(width)*scale)), int(math.Round(float64(height)*scale)))
	if l.buffers == nil || l.buffers.size != size {
		l.buffers.close()
		made, err := newBuffers(l.conn, l.shm, size, func() { l.change(func() {}) })
		if err != nil {
			return fmt.Errorf("make a buffer for the overlay: %w", err)
		}
		l.buffers = made
	}
	b := l.buffers.take()
	if b == nil {
		return nil // the compositor has all; Changed gets a value when one is free
	}
	paint(l.buffers.picture(), scale*l.place.Size)
	l.buffers.store(b)
	r := &requests{conn: l.conn}
	if l.viewport != 0 {
		r.send(l.viewport, viewportSetDestination, int32(width), int32(height))
	} else {
		r.send(l.surface, surfaceSetBufferScale, int32(scale))
	}
	r.send(l.surface, surfaceAttach, b.id, int32(0), int32(0))
	r.send(l.surface, surfaceDamageBuffer, int32(0), int32(0), int32(size.X), int32(size.Y))
	r.send(l.surface, surfaceCommit)
	return r.err
}

// Close implements Surface. The compositor removes what a client leaves.
func (l *layer) Close() {
	l.stop()
	l.running.Wait()
	l.buffers.close()
}

// requests sends requests until one fails.
type requests struct {
	conn *wire.Conn
	err  error
}

func (r *requests) send(object wire.ID, opcode uint16, args ...any) {
	if r.err == nil {
		r.err = r.conn.Request(object, opcode, args...)
	}
}

func (r *requests) create(h wire.Handler, object wire.ID, opcode uint16, args ...any) (id wire.ID) {
	if r.err == nil {
		id, r.err = r.conn.Create(h, object, opcode, args...)
	}
	return id
}
