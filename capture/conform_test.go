package capture

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// clientVersion is the protocol version that proto speaks.
const clientVersion = 32

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
	proto.OpDeleteRecordStream: func() (proto.RequestArgs, proto.Reply) { return &proto.DeleteRecordStream{}, nil },
}

// A capturing connection stores what the fake sends.
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

// A script is the server's end of a connection. At the n-th request it sends the n-th
// message.
type script struct {
	inside   bool // the client has written a descriptor, but not its payload
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

// FuzzConform checks that proto reads each message that normalize returns exactly to its
// end: proto does not panic, and reads the reply that follows.
func FuzzConform(f *testing.F) {
	for command := range asks {
		f.Add(command, replyOf(command)[messageHead:])
	}
	f.Add(uint32(proto.OpRecordStreamMoved), new(tags).u32(1).u32(2).str("m").yes(false).u32(1).u32(1).usec(0).b)
	f.Add(uint32(proto.OpError), new(tags).u32(5).b)
	f.Add(uint32(proto.OpSubscribeEvent), new(tags).u32(5).u32(5).b)
	f.Fuzz(func(t *testing.T, command uint32, body []byte) {
		head, ask, form := new(tags).u32(proto.OpReply).u32(0).b, asks[command], events[command]
		if form != nil {
			head, ask = new(tags).u32(command).u32(0).b, asks[proto.OpDeleteRecordStream]
		}
		if ask == nil {
			return
		}
		request, reply := ask()
		if form == nil {
			form = formOf(reply)
		}
		checked, err := normalize(append(head, body...), form, clientVersion)
		if err != nil {
			if !errors.Is(err, errProtocol) {
				t.Error(err)
			}
			return
		}
		understood(t, checked, request, reply)
	})
}

// answerLimit is how long proto may take to read a message, which it does within a
// millisecond. If proto waits for more, the test fails after this time.
const answerLimit = 2 * time.Minute

// understood checks that proto reads the message, as the reply to the request if it is
// one, and then the reply to the next request.
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
	c.SetTimeout(answerLimit)
	if binary.BigEndian.Uint32(message[1:]) > proto.OpReply {
		c.SetTimeout(time.Millisecond) // the request before an event has no reply
	}
	var refused proto.Error
	err := c.Request(request, reply)
	if err != nil && !errors.As(err, &refused) && binary.BigEndian.Uint32(message[1:]) <= proto.OpReply {
		t.Errorf("reply: %v", err)
	}
	c.SetTimeout(answerLimit)
	if err := c.Request(&proto.SetClientName{}, &replied); err != nil || replied.ClientIndex != 4711 {
		t.Errorf("next reply: %d, %v", replied.ClientIndex, err)
	}
	close(s.pending)
	<-closed
}

// TestConform checks which replies normalize accepts.
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
		{"body where none belongs", proto.OpDeleteRecordStream, new(tags).u32(2).u32(0).u32(1).b, true},
	} {
		request, reply := asks[tt.command]()
		b, err := normalize(tt.message, formOf(reply), clientVersion)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil {
			understood(t, b, request, reply)
		}
	}
}

// TestCheck checks which messages reach the client. It would print some of the others.
func TestCheck(t *testing.T) {
	w := newCheckedConn(nil, nil)
	for range 4 {
		w.await(nil, clientVersion)
	}
	for _, tt := range []struct {
		name    string
		message []byte
		passes  bool
	}{
		{"reply to an earlier request", new(tags).u32(proto.OpReply).u32(2).b, false},
		{"awaited reply", new(tags).u32(proto.OpReply).u32(3).b, true},
		{"the same again", new(tags).u32(proto.OpReply).u32(3).b, false},
		{"error without a request", new(tags).u32(proto.OpError).u32(4).u32(1).b, false},
		{"event", new(tags).u32(proto.OpRecordStreamKilled).u32(0).u32(1).b, true},
		{"command of later versions", new(tags).u32(200).u32(0).u32(1).b, false},
	} {
		b, err := w.validate(tt.message)
		if (b != nil) != tt.passes || err != nil {
			t.Errorf("%s: %q, %v", tt.name, b, err)
		}
	}
	event := new(tags).u32(proto.OpRecordStreamKilled).u32(0).b
	for name, message := range map[string][]byte{
		"cut short": event[:len(event)-1], "command of another type": append([]byte{'t'}, event[1:]...), "tag of another type": slices.Concat(event[:5], []byte{'t'}, event[6:]),
	} {
		if b, err := w.validate(message); b != nil || !errors.Is(err, errProtocol) {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
}
