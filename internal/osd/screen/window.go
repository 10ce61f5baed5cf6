package screen

import (
	"context"
	"errors"
	"fmt"
	"image"
	"net"
	"strconv"
	"strings"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/shape"
	"github.com/jezek/xgb/xproto"

	"github.com/arealicehole/vocoder/internal/osd/paint"
	"github.com/arealicehole/vocoder/internal/x11"
)

// A window is an X11 window that the window manager leaves alone (override-redirect), so it
// cannot get the focus. Its input shape is empty, so it gets no click.
type window struct {
	conn    *xgb.Conn
	sock    net.Conn
	forget  func() bool // the context that ends the connection
	changed chan struct{}
	place   Place

	root    xproto.Window
	id      xproto.Window
	pixmap  xproto.Pixmap
	gc      xproto.Gcontext
	depth   byte
	visible bool
	maxRows int // of the picture in one request
	unit    float64
	img     *image.RGBA
	blended bool // a compositing manager shows what is below transparent pixels
}

func openWindow(ctx context.Context, display, authority string, p Place) (Surface, error) {
	limited, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	conn, sock, err := x11.Dial(limited, display, authority)
	if err != nil {
		return nil, err
	}
	// The library waits for replies without a context.
	hangUp := func() { _ = sock.Close() }
	w := &window{conn: conn, sock: sock, forget: context.AfterFunc(ctx, hangUp), changed: make(chan struct{}, 1), place: p}
	stop := context.AfterFunc(limited, hangUp)
	err = w.start()
	if !stop() {
		err = limited.Err()
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("show a window: %w", err)
	}
	return w, nil
}

// start makes the window, which is not visible yet.
func (w *window) start() error {
	setup := xproto.Setup(w.conn)
	screen := setup.DefaultScreen(w.conn)
	w.root = screen.Root
	if err := shape.Init(w.conn); err != nil {
		return err // without it the window would get clicks
	}
	visual, colormap := screen.RootVisual, screen.DefaultColormap
	w.depth = screen.RootDepth
	if v, ok := alphaVisual(screen); ok && w.composited() {
		id, err := xproto.NewColormapId(w.conn)
		if err != nil {
			return err
		}
		visual, colormap, w.depth, w.blended = v, id, 32, true
		xproto.CreateColormap(w.conn, xproto.ColormapAllocNone, id, w.root, visual)
	}
	if w.depth != 24 && w.depth != 32 {
		return fmt.Errorf("a screen with %d bits", w.depth)
	}
	w.unit = w.scale() * w.place.Size
	at := w.area(w.output())
	w.img = image.NewRGBA(image.Rectangle{Max: at.Size()})
	w.maxRows = max(1, (int(setup.MaximumRequestLength)*4-64)/(4*at.Dx()))
	return w.create(visual, colormap, at)
}

// create makes the window at a place, with nothing that gets clicks.
func (w *window) create(visual xproto.Visualid, colormap xproto.Colormap, at image.Rectangle) (err error) {
	if w.id, err = xproto.NewWindowId(w.conn); err != nil {
		return err
	}
	if w.pixmap, err = xproto.NewPixmapId(w.conn); err != nil {
		return err
	}
	if w.gc, err = xproto.NewGcontextId(w.conn); err != nil {
		return err
	}
	width, height := uint16(at.Dx()), uint16(at.Dy())
	mask := uint32(xproto.CwBackPixel | xproto.CwBorderPixel | xproto.CwOverrideRedirect | xproto.CwColormap)
	err = xproto.CreateWindowChecked(w.conn, w.depth, w.id, w.root, int16(at.Min.X), int16(at.Min.Y), width, height, 0,
		xproto.WindowClassInputOutput, visual, mask, []uint32{0, 0, 1, uint32(colormap)}).Check()
	if err != nil {
		return err
	}
	xproto.CreatePixmap(w.conn, w.depth, w.pixmap, xproto.Drawable(w.id), width, height)
	xproto.CreateGC(w.conn, w.gc, xproto.Drawable(w.id), 0, nil)
	w.describe()
	return shape.RectanglesChecked(w.conn, shape.SoSet, shape.SkInput, 0, w.id, 0, 0, nil).Check()
}

// describe tells a compositing manager what the window is, for its shadows and effects.
func (w *window) describe() {
	kind, _ := w.atom("_NET_WM_WINDOW_TYPE") // without it the window is shown too
	notification, _ := w.atom("_NET_WM_WINDOW_TYPE_NOTIFICATION")
	b := make([]byte, 4)
	xgb.Put32(b, uint32(notification))
	xproto.ChangeProperty(w.conn, xproto.PropModeReplace, w.id, kind, xproto.AtomAtom, 32, 1, b)
	const class = "vocoder-osd\x00vocoder-osd\x00"
	xproto.ChangeProperty(w.conn, xproto.PropModeReplace, w.id, xproto.AtomWmClass, xproto.AtomString, 8, uint32(len(class)), []byte(class))
}

func (w *window) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(w.conn, false, uint16(len(name)), name).Reply()
	if err != nil || reply == nil {
		return 0, errors.Join(errClosed, err)
	}
	return reply.Atom, nil
}

var errClosed = errors.New("the X server is gone")

// alphaVisual returns a visual of the screen whose pixels may be transparent.
func alphaVisual(s *xproto.ScreenInfo) (xproto.Visualid, bool) {
	for _, d := range s.AllowedDepths {
		for _, v := range d.Visuals {
			if d.Depth == 32 && v.Class == xproto.VisualClassTrueColor && v.RedMask == 0xff0000 {
				return v.VisualId, true
			}
		}
	}
	return 0, false
}

// composited reports whether a compositing manager runs. Source: Extended Window Manager
// Hints, _NET_WM_CM_Sn.
func (w *window) composited() bool {
	atom, err := w.atom("_NET_WM_CM_S" + strconv.Itoa(w.conn.DefaultScreen))
	if err != nil {
		return false
	}
	owner, err := xproto.GetSelectionOwner(w.conn, atom).Reply()
	return err == nil && owner != nil && owner.Owner != 0
}

// property returns the value of a property of a window; nil if it has none.
func (w *window) property(of xproto.Window, name string) []byte {
	atom, err := w.atom(name)
	if err != nil {
		return nil
	}
	reply, err := xproto.GetProperty(w.conn, false, of, atom, 0, 0, 1<<14).Reply()
	if err != nil || reply == nil {
		return nil
	}
	return reply.Value
}

// scale returns how many pixels a logical pixel has: Xft.dpi of the resources, which
// desktops set, in 96 dots per inch.
func (w *window) scale() float64 { return scaleOf(string(w.property(w.root, "RESOURCE_MANAGER"))) }

func scaleOf(resources string) float64 {
	for line := range strings.Lines(resources) {
		if value, ok := strings.CutPrefix(line, "Xft.dpi:"); ok {
			if dpi, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && dpi >= 48 && dpi <= 96*maxScale {
				return dpi / 96
			}
		}
	}
	return 1
}

// output returns the output with the focused window, or else with the pointer.
func (w *window) output() image.Rectangle {
	screen := xproto.Setup(w.conn).DefaultScreen(w.conn)
	whole := image.Rect(0, 0, int(screen.WidthInPixels), int(screen.HeightInPixels))
	var outputs []image.Rectangle
	if randr.Init(w.conn) == nil {
		if _, err := randr.QueryVersion(w.conn, 1, 5).Reply(); err == nil {
			reply, err := randr.GetMonitors(w.conn, w.root, true).Reply()
			for i := 0; err == nil && reply != nil && i < len(reply.Monitors); i++ {
				m := reply.Monitors[i]
				outputs = append(outputs, image.Rect(0, 0, int(m.Width), int(m.Height)).Add(image.Pt(int(m.X), int(m.Y))))
			}
		}
	}
	focus, ok := w.focus()
	if !ok {
		if p, err := xproto.QueryPointer(w.conn, w.root).Reply(); err == nil && p != nil {
			at := image.Pt(int(p.RootX), int(p.RootY))
			focus = image.Rectangle{at, at.Add(image.Pt(1, 1))}
		}
	}
	return mostOf(focus, outputs, whole)
}

// mostOf returns the output that has most of a window, or else whole.
func mostOf(window image.Rectangle, outputs []image.Rectangle, whole image.Rectangle) image.Rectangle {
	best, most := whole, 0
	if len(outputs) > 0 {
		best = outputs[0]
	}
	for _, o := range outputs {
		if common := o.Intersect(window).Size(); common.X*common.Y > most {
			best, most = o, common.X*common.Y
		}
	}
	return best
}

// focus returns where the focused window is.
func (w *window) focus() (image.Rectangle, bool) {
	id := w.property(w.root, "_NET_ACTIVE_WINDOW")
	if len(id) < 4 || xgb.Get32(id) == 0 {
		return image.Rectangle{}, false
	}
	active := xproto.Window(xgb.Get32(id))
	size, err := xproto.GetGeometry(w.conn, xproto.Drawable(active)).Reply()
	if err != nil || size == nil {
		return image.Rectangle{}, false
	}
	at, err := xproto.TranslateCoordinates(w.conn, active, w.root, 0, 0).Reply()
	if err != nil || at == nil {
		return image.Rectangle{}, false
	}
	return image.Rect(0, 0, int(size.Width), int(size.Height)).Add(image.Pt(int(at.DstX), int(at.DstY))), true
}

// area returns where the window is on an output, next to panels.
func (w *window) area(output image.Rectangle) image.Rectangle {
	if b := w.property(w.root, "_NET_WORKAREA"); len(b) >= 16 {
		free := image.Rect(0, 0, int(xgb.Get32(b[8:])), int(xgb.Get32(b[12:]))).Add(image.Pt(int(xgb.Get32(b)), int(xgb.Get32(b[4:]))))
		if both := output.Intersect(free); !both.Empty() {
			output = both
		}
	}
	return w.place.in(output, w.unit)
}

// in returns where a picture is on an output, in pixels.
func (p Place) in(output image.Rectangle, unit float64) image.Rectangle {
	width, height := min(int(paint.Width*unit), output.Dx()), int(paint.Height*unit)
	x, y := output.Min.X+(output.Dx()-width)/2, output.Max.Y-height-int(edge*unit)
	switch {
	case p.At.Align < 0:
		x = output.Min.X
	case p.At.Align > 0:
		x = output.Max.X - width
	}
	if p.At.Top {
		y = output.Min.Y + int(edge*unit)
	}
	return image.Rect(x, y, x+width, y+height)
}

// Changed implements Surface.
func (w *window) Changed() <-chan struct{} { return w.changed }

// Draw implements Surface. The picture becomes the background of the window, so that the
// server itself draws it where the window was covered.
func (w *window) Draw(paint Paint) error {
	clear(w.img.Pix)
	paint(w.img, w.unit)
	size := w.img.Rect.Size()
	if !w.blended {
		if err := w.cut(); err != nil {
			return err
		}
	}
	pixels := make([]byte, len(w.img.Pix))
	swapColors(pixels, w.img.Pix)
	for y := 0; y < size.Y; y += w.maxRows {
		rows := min(w.maxRows, size.Y-y)
		xproto.PutImage(w.conn, xproto.ImageFormatZPixmap, xproto.Drawable(w.pixmap), w.gc, uint16(size.X), uint16(rows), 0, int16(y), 0, w.depth, pixels[y*w.img.Stride:(y+rows)*w.img.Stride])
	}
	xproto.ChangeWindowAttributes(w.conn, w.id, xproto.CwBackPixmap, []uint32{uint32(w.pixmap)})
	if !w.visible {
		w.visible = true
		xproto.MapWindow(w.conn, w.id)
	}
	xproto.ConfigureWindow(w.conn, w.id, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove})
	return xproto.ClearAreaChecked(w.conn, false, w.id, 0, 0, 0, 0).Check()
}

// cut gives the window the shape of what was drawn, without the shadow: nothing is below
// transparent pixels.
func (w *window) cut() error {
	var rows []xproto.Rectangle
	size := w.img.Rect.Size()
	for y := range size.Y {
		row := w.img.Pix[y*w.img.Stride:]
		first, last := -1, -1
		for x := range size.X {
			if row[4*x+3] > 160 {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			rows = append(rows, xproto.Rectangle{X: int16(first), Y: int16(y), Width: uint16(last - first + 1), Height: 1})
		}
	}
	return shape.RectanglesChecked(w.conn, shape.SoSet, shape.SkBounding, 0, w.id, 0, 0, rows).Check()
}

// Close implements Surface. The server removes what a client leaves.
func (w *window) Close() {
	w.forget()
	_ = w.sock.Close()
}
