package wayland

import (
	"context"
	"fmt"
	"slices"
)

// Sync returns once the compositor has processed every earlier request, and the handlers
// its events until then. Run must be running, and a handler must not call Sync.
func (c *Conn) Sync(ctx context.Context) error {
	synced := make(chan struct{}, 1)
	done := func(*Event) {
		select {
		case synced <- struct{}{}:
		default: // there is no second one, unless the compositor is broken
		}
	}
	if _, err := c.Create(done, display, 0, NewID{}); err != nil {
		return err
	}
	select {
	case <-synced:
		return nil
	case <-c.done:
		return fmt.Errorf("wait for the compositor: %w", c.fail)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Start asks for what the compositor offers, and returns once that is known. Call it before
// Bind, while Run is running.
func (c *Conn) Start(ctx context.Context) error {
	id, err := c.Create(c.registryEvent, display, 1, NewID{})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.registry = id
	c.mu.Unlock()
	return c.Sync(ctx)
}

// registryEvent handles wl_registry.global and global_remove.
func (c *Conn) registryEvent(e *Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := e.Uint()
	switch e.Opcode {
	case 0:
		c.globals = append(c.globals, global{name, e.String(), e.Uint()})
	case 1:
		c.globals = slices.DeleteFunc(c.globals, func(g global) bool { return g.name == name })
	}
}

// Offers returns the version of an interface that the compositor has, or 0.
func (c *Conn) Offers(iface string) uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.find(iface).version
}

func (c *Conn) find(iface string) global {
	if i := slices.IndexFunc(c.globals, func(g global) bool { return g.iface == iface }); i >= 0 {
		return c.globals[i]
	}
	return global{}
}

// Bind returns an object for the first global of an interface, and its version,
// which is at most version. h handles its events.
func (c *Conn) Bind(h Handler, iface string, version uint32) (ID, uint32, error) {
	c.mu.Lock()
	g, registry := c.find(iface), c.registry
	c.mu.Unlock()
	if g.version == 0 {
		return 0, 0, fmt.Errorf("the compositor has no %s", iface)
	}
	version = min(version, g.version)
	id, err := c.Create(h, registry, 0, g.name, iface, version, NewID{})
	return id, version, err
}

// BindAll binds every global of an interface, each at most at a version. h gets the events of
// all objects, with the ID of the object.
func (c *Conn) BindAll(h func(ID, *Event), iface string, version uint32) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.globals {
		if g.iface != iface {
			continue
		}
		id := c.allot(nil)
		c.handlers[id] = func(e *Event) { h(id, e) }
		if err := c.write(c.registry, 0, []any{g.name, iface, min(version, g.version), id}); err != nil {
			return err
		}
	}
	return nil
}
