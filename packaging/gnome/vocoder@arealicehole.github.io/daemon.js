// The control socket of the daemon. PROTOCOL.md of vocoder describes it.
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';

const SOCKET = 'vocoder.sock';
const MAX_LINE = 64 * 1024; // bytes
const FORBIDDEN = 403; // HTTP status: the daemon never takes that from this process
const REQUEST_TIMEOUT = 5; // seconds
const FIRST_RETRY = 1; // seconds
const LAST_RETRY = 30;

// Calls an asynchronous method of Gio and returns a promise of its result.
function call(object, method, finish, ...args) {
    return new Promise((resolve, reject) => {
        object[method](...args, (source, result) => {
            try {
                resolve(source[finish](result));
            } catch (e) {
                reject(e);
            }
        });
    });
}

// A connection with one request.
class Request {
    constructor(path, timeout, cancellable) {
        this._client = new Gio.SocketClient({timeout});
        this._address = Gio.UnixSocketAddress.new(path);
        this._cancellable = cancellable;
    }

    // Sends the request, and returns the HTTP status when the head of the answer is there.
    async send(method, name, body) {
        this._connection = await call(this._client, 'connect_async', 'connect_finish', this._address, this._cancellable);
        const bytes = new TextEncoder().encode(body ?? '');
        const head = `${method} /v1/${name} HTTP/1.0\r\nContent-Length: ${bytes.length}\r\n\r\n`;
        const all = new Uint8Array([...new TextEncoder().encode(head), ...bytes]);
        await call(this._connection.get_output_stream(), 'write_all_async', 'write_all_finish', all, GLib.PRIORITY_DEFAULT, this._cancellable);
        this._lines = new Gio.DataInputStream({base_stream: this._connection.get_input_stream(), newline_type: Gio.DataStreamNewlineType.ANY});
        const status = Number((await this.line())?.split(' ')[1]);
        let line;
        do
            line = await this.line();
        while (line); // '' is the end of the head, null that of the connection
        return status;
    }

    // Returns the next line, or null at the end.
    async line() {
        const [bytes] = await call(this._lines, 'read_line_async', 'read_line_finish', GLib.PRIORITY_DEFAULT, this._cancellable);
        if (bytes === null)
            return null;
        if (bytes.length > MAX_LINE)
            throw new Error('the daemon sent too long a line');
        return new TextDecoder().decode(bytes);
    }

    close() {
        this._connection?.close_async(GLib.PRIORITY_DEFAULT, null, null);
    }
}

export class Daemon {
    // The functions in show get the events: status, which is null while there is no daemon,
    // level and words.
    constructor(show) {
        this._show = show;
        this._path = GLib.build_filenamev([GLib.get_user_runtime_dir(), SOCKET]);
        this._retry = FIRST_RETRY;
        this._partial = false; // ask for the words while the user speaks
        this._cancellable = new Gio.Cancellable();
        this._next = new Map(); // what to put, by name, until the daemon has it
    }

    start() {
        this._monitor = Gio.File.new_for_path(GLib.get_user_runtime_dir()).monitor_directory(Gio.FileMonitorFlags.NONE, null);
        this._monitor.connect('changed', (_monitor, file, _other, event) => {
            if (event !== Gio.FileMonitorEvent.CREATED || file.get_basename() !== SOCKET)
                return;
            this._retry = FIRST_RETRY;
            this._later();
        });
        this._follow();
    }

    stop() {
        this._stopped = true;
        this._monitor.cancel();
        this._cancellable.cancel();
        if (this._timer)
            GLib.source_remove(this._timer);
        if (this._pausing) {
            GLib.source_remove(this._pausing);
            this._resume();
        }
        this._timer = this._pausing = 0;
        this._once('PUT', 'desktop', '{}', null).catch(() => {}); // take back what was said
    }

    // Carries out a command.
    post(command) {
        this._once('POST', command, '', this._cancellable).catch(e => console.debug(`vocoder: ${command}: ${e.message}`));
    }

    // Puts a value, and tries again until the daemon has it: an old value would be wrong. Of
    // several while one is under way, the newest counts.
    async put(name, value) {
        const busy = this._next.has(name);
        this._next.set(name, JSON.stringify(value));
        if (busy)
            return;
        let last = null;
        while (!this._stopped && this._next.get(name) !== last) {
            const now = this._next.get(name);
            try {
                await this._once('PUT', name, now, this._cancellable);
                last = now;
            } catch (e) {
                console.debug(`vocoder: ${name}: ${e.message}`);
                if (e.status === FORBIDDEN || !GLib.file_test(this._path, GLib.FileTest.EXISTS))
                    break; // the next daemon gets it when it has come
                await this._pause();
            }
        }
        this._next.delete(name);
    }

    // Waits before another attempt.
    _pause() {
        return new Promise(resolve => {
            this._resume = resolve;
            this._pausing = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, FIRST_RETRY, () => {
                this._pausing = 0;
                resolve();
                return GLib.SOURCE_REMOVE;
            });
        });
    }

    async _once(method, name, body, cancellable) {
        const request = new Request(this._path, REQUEST_TIMEOUT, cancellable);
        try {
            const status = await request.send(method, name, body);
            if (status !== 200)
                throw Object.assign(new Error(`the daemon refuses (${status})`), {status});
        } finally {
            request.close();
        }
    }

    // Follows the events until the daemon ends.
    async _follow() {
        if (this._following)
            return;
        this._following = true;
        let again = false;
        const request = new Request(this._path, 0, this._cancellable);
        try {
            const status = await request.send('GET', `watch?levels=1${this._partial ? '&partial=1' : ''}`);
            if (status !== 200)
                throw new Error(`the daemon refuses (${status})`);
            let name = '';
            for (let line = await request.line(); line !== null && !again; line = again ? null : await request.line()) {
                if (line.startsWith('event: '))
                    name = line.slice(7);
                else if (line.startsWith('data: '))
                    again = this._event(name, JSON.parse(line.slice(6)));
            }
        } catch (e) {
            if (!(e instanceof GLib.Error)) // it is not that the daemon has ended
                console.warn(`vocoder: ${e.message}`);
        }
        request.close();
        this._following = false;
        if (this._stopped)
            return;
        if (again) {
            this._follow();
            return;
        }
        this._show.status(null);
        if (GLib.file_test(this._path, GLib.FileTest.EXISTS))
            this._later(); // without the file the monitor says when there is one
    }

    // Shows an event. Returns whether to ask for other events.
    _event(name, data) {
        if (name !== 'status') {
            this._show[name]?.(data);
            return false;
        }
        this._retry = FIRST_RETRY;
        this._show.status(data);
        const partial = data.overlay?.show === 'words';
        const again = partial !== this._partial;
        this._partial = partial;
        return again;
    }

    // Follows again after a pause, which grows.
    _later() {
        if (this._timer || this._following)
            return;
        this._timer = GLib.timeout_add_seconds(GLib.PRIORITY_DEFAULT, this._retry, () => {
            this._timer = 0;
            this._follow();
            return GLib.SOURCE_REMOVE;
        });
        this._retry = Math.min(2 * this._retry, LAST_RETRY);
    }
}
