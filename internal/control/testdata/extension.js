// Runs the socket of GNOME Shell's extension outside of the shell: prints each event as a
// line of JSON, and carries out each line of its input: "post NAME", "put NAME JSON" or "stop".
import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';

const loop = new GLib.MainLoop(null, false);
const out = event => print(JSON.stringify(event));
let daemon;
const input = new Gio.DataInputStream({base_stream: new Gio.UnixInputStream({fd: 0})});
function read() {
    input.read_line_async(GLib.PRIORITY_DEFAULT, null, (_input, result) => {
        const [bytes] = input.read_line_finish(result);
        if (bytes === null) {
            loop.quit();
            return;
        }
        const [verb, name, ...rest] = new TextDecoder().decode(bytes).split(' ');
        if (verb === 'post')
            daemon.post(name);
        else if (verb === 'put')
            daemon.put(name, JSON.parse(rest.join(' ')));
        else
            daemon.stop();
        read();
    });
}
import(`file://${System.programArgs[0]}/daemon.js`).then(({Daemon}) => {
    daemon = new Daemon({
        status: status => out({status}),
        level: level => out({level}),
        words: words => out({words}),
    });
    daemon.start();
    read();
}).catch(e => {
    printerr(e);
    loop.quit();
});
loop.run();
