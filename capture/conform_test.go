package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// asks are the requests of this package and room for their replies.
var asks = map[uint32]func() (proto.RequestArgs, proto.Reply){
	proto.OpAuth:          func() (proto.RequestArgs, proto.Reply) { return &proto.Auth{}, &proto.AuthReply{} },
	proto.OpSetClientName: func() (proto.RequestArgs, proto.Reply) { return &proto.SetClientName{}, &proto.SetClientNameReply{} },
	proto.OpGetServerInfo: func() (proto.RequestArgs, proto.Reply) { return &proto.GetServerInfo{}, &proto.GetServerInfoReply{} },
	proto.OpGetSourceInfoList: func() (proto.RequestArgs, proto.Reply) {
		return &proto.GetSourceInfoList{}, &proto.GetSourceInfoListReply{}
	},
	proto.OpCreateRecordStream: func() (proto.RequestArgs, proto.Reply) {
		return &proto.CreateRecordStream{}, &proto.CreateRecordStreamReply{}
	},
	proto.OpGetRecordLatency: func() (proto.RequestArgs, proto.Reply) {
		return &proto.GetRecordLatency{}, &proto.GetRecordLatencyReply{}
	},
	proto.OpCorkRecordStream: func() (proto.RequestArgs, proto.Reply) { return &proto.CorkRecordStream{}, nil },
}

// A capturing connection keeps what the fake sends.
type capturing struct {
	net.Conn
	sent []byte
}

func (c *capturing) Write(b []byte) (int, error) {
	c.sent = append(c.sent, b...)
	return len(b), nil
}

// replyOf returns the fake's reply to a command.
func replyOf(command uint32) []byte {
	conn := new(capturing)
	c := &fakeConn{fake: newFake(), Conn: conn, cork: make(chan bool, 1)}
	c.answer(command, 0, []byte("tmic\x00"))
	return conn.sent[descriptorSize:]
}

// A script is a server's end of a connection: at the n-th request it sends the
// n-th message.
type script struct {
	inside   bool // after a descriptor
	messages [][]byte
	pending  chan []byte
	rest     []byte
}

func (s *script) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if s.inside = !s.inside; !s.inside && len(s.messages) > 0 {
		head := make([]byte, descriptorSize)
		binary.BigEndian.PutUint32(head, uint32(len(s.messages[0])))
		binary.BigEndian.PutUint32(head[4:], messageChannel)
		s.pending <- append(head, s.messages[0]...)
		s.messages = s.messages[1:]
	}
	return len(b), nil
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		b, ok := <-s.pending
		if !ok {
			return 0, io.EOF
		}
		s.rest = b
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// FuzzConform checks that what conform lets through, proto reads exactly to its
// end: it survives, and understands the message that follows.
func FuzzConform(f *testing.F) {
	for command := range asks {
		f.Add(command, replyOf(command)[messageHead:])
	}
	f.Add(uint32(proto.OpRecordStreamMoved), new(tags).u32(1).u32(2).str("m").yes(false).u32(1).u32(1).usec(0).b)
	f.Add(uint32(proto.OpError), new(tags).u32(5).b)
	f.Add(uint32(proto.OpSubscribeEvent), new(tags).u32(5).u32(5).b)
	f.Fuzz(func(t *testing.T, command uint32, body []byte) {
		head, form := new(tags).u32(proto.OpReply).u32(0).b, replies[command]
		ask := asks[command]
		if events[command] != nil {
			head, form, ask = new(tags).u32(command).u32(0).b, events[command], asks[proto.OpCorkRecordStream]
		}
		if ask == nil {
			return
		}
		checked, err := normalize(append(head, body...), form, clientVersion)
		if err != nil {
			if !errors.Is(err, errProtocol) {
				t.Error(err)
			}
			return
		}
		request, reply := ask()
		understood(t, checked, request, reply)
	})
}

func understood(t *testing.T, message []byte, request proto.RequestArgs, reply proto.Reply) {
	t.Helper()
	var replied proto.SetClientNameReply
	s := &script{pending: make(chan []byte, 2)}
	s.messages = [][]byte{message, new(tags).u32(proto.OpReply).u32(1).u32(4711).b}
	closed := make(chan struct{})
	c := &proto.Client{Callback: func(m any) {
		if _, ok := m.(*proto.ConnectionClosed); ok {
			close(closed)
		}
	}}
	c.Open(s)
	c.SetTimeout(time.Second)
	if binary.BigEndian.Uint32(message[1:]) > proto.OpReply {
		c.SetTimeout(time.Millisecond) // an event answers nothing
	}
	var refused proto.Error
	err := c.Request(request, reply)
	if err != nil && !errors.As(err, &refused) && binary.BigEndian.Uint32(message[1:]) <= proto.OpReply {
		t.Errorf("reply: %v", err)
	}
	c.SetTimeout(time.Second)
	if err := c.Request(&proto.SetClientName{}, &replied); err != nil || replied.ClientIndex != 4711 {
		t.Errorf("next reply: %d, %v", replied.ClientIndex, err)
	}
	close(s.pending)
	<-closed
}

// TestConform shows what is let through and what is not.
func TestConform(t *testing.T) {
	list := replyOf(proto.OpGetSourceInfoList)
	server := replyOf(proto.OpGetServerInfo)
	for _, tt := range []struct {
		name    string
		command uint32
		message []byte
		ok      bool
	}{
		{"source list", proto.OpGetSourceInfoList, list, true},
		{"source list cut short", proto.OpGetSourceInfoList, list[:len(list)-1], false},
		{"empty list", proto.OpGetSourceInfoList, list[:messageHead], true},
		{"server info", proto.OpGetServerInfo, server, true},
		{"more than is known", proto.OpGetServerInfo, append(server, 'L', 0, 0, 0, 0), true},
		{"string for a number", proto.OpAuth, new(tags).u32(2).u32(0).str("x").b, false},
		{"number for a string", proto.OpGetServerInfo, new(tags).u32(2).u32(0).u32(1).b, false},
		{"unsigned for signed", proto.OpGetRecordLatency, new(tags).u32(2).u32(0).usec(0).usec(0).yes(true).time().time().usec(0).s64(0).b, false},
		{"body where none belongs", proto.OpCorkRecordStream, new(tags).u32(2).u32(0).u32(1).b, true},
	} {
		b, err := normalize(tt.message, replies[tt.command], clientVersion)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil {
			request, reply := asks[tt.command]()
			understood(t, b, request, reply)
		}
	}
}

// TestCheck shows which messages reach the client: it would print others.
func TestCheck(t *testing.T) {
	w := newCheckedConn(nil, nil)
	w.requests[3] = proto.OpCorkRecordStream
	for _, tt := range []struct {
		name    string
		message []byte
		passes  bool
	}{
		{"awaited reply", new(tags).u32(proto.OpReply).u32(3).b, true},
		{"the same again", new(tags).u32(proto.OpReply).u32(3).b, false},
		{"error that none awaits", new(tags).u32(proto.OpError).u32(4).u32(1).b, false},
		{"event", new(tags).u32(proto.OpRecordStreamKilled).u32(0).u32(1).b, true},
		{"command of later versions", new(tags).u32(200).u32(0).u32(1).b, false},
	} {
		b, err := w.validate(tt.message)
		if (b != nil) != tt.passes || err != nil {
			t.Errorf("%s: %q, %v", tt.name, b, err)
		}
	}
}
