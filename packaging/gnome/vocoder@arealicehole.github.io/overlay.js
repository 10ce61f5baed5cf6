// The overlay: that the daemon listens, how loud it is, the words, and how it ended. It takes
// neither the focus nor a click.
import Clutter from 'gi://Clutter';
import GLib from 'gi://GLib';
import Pango from 'gi://Pango';
import St from 'gi://St';

import * as Main from 'resource:///org/gnome/shell/ui/main.js';

import {LISTENING, PROBLEM, PROBLEMS, WORKING, messageOf} from './words.js';

const BARS = 20;
const BAR_HEIGHT = 20; // pixels at scale 1 and 100 percent
const LEAST_HEIGHT = 3;
const FONT_SIZE = 11; // points at 100 percent
const ELAPSED_FROM = 10; // seconds
const MAX_WORDS = 240; // characters

export class Overlay {
    constructor() {
        // It fills the monitor, so that the layout places the box.
        this._area = new St.Widget({layout_manager: new Clutter.BinLayout(), reactive: false, visible: false});
        this._box = new St.Widget({
            style_class: 'vocoder-overlay', layout_manager: new Clutter.BoxLayout({orientation: Clutter.Orientation.VERTICAL, spacing: 6}),
            x_expand: true, y_expand: true, x_align: Clutter.ActorAlign.CENTER, y_align: Clutter.ActorAlign.END,
        });
        const row = new St.BoxLayout({style_class: 'vocoder-row', x_align: Clutter.ActorAlign.CENTER});
        this._icon = new St.Icon({style_class: 'vocoder-icon', y_align: Clutter.ActorAlign.CENTER});
        this._text = new St.Label({style_class: 'vocoder-text', y_align: Clutter.ActorAlign.CENTER});
        this._meter = new St.BoxLayout({style_class: 'vocoder-meter', y_align: Clutter.ActorAlign.CENTER});
        this._bars = Array.from({length: BARS}, () => new St.Widget({style_class: 'vocoder-bar', y_align: Clutter.ActorAlign.CENTER}));
        this._bars.forEach(bar => this._meter.add_child(bar));
        [this._icon, this._text, this._meter].forEach(child => row.add_child(child));
        this._below = new St.Label({style_class: 'vocoder-words', x_align: Clutter.ActorAlign.CENTER, visible: false});
        this._below.clutter_text.set({line_wrap: true, line_wrap_mode: Pango.WrapMode.WORD_CHAR, ellipsize: Pango.EllipsizeMode.NONE});
        this._box.add_child(row);
        this._box.add_child(this._below);
        this._area.add_child(this._box);
        Main.layoutManager.addTopChrome(this._area, {affectsInputRegion: false});
        this._levels = new Array(BARS).fill(0);
        this._status = null;
        this._spoken = ''; // the words so far, as markup
        this._size = 1;
        this._message = null;
        this._timer = 0;
    }

    destroy() {
        this._say(null);
        this._area.destroy();
    }

    showStatus(status) {
        const before = this._status;
        this._status = status;
        if (!status)
            this._say(null);
        else if (before)
            this._say(messageOf(before, status) ?? this._message);
        if (!status?.recording || status.since !== before?.since) {
            this._levels.fill(0); // a recording may follow another at once
            this._spoken = '';
        }
        this._update();
    }

    showLevel({level}) {
        this._levels.push(Math.min(Math.max(Number(level) || 0, 0), 100));
        this._levels.shift();
        if (!this._area.visible)
            return;
        this._text.text = this._shown().text;
        this._drawBars();
    }

    showWords({stable, provisional}) {
        if (!this._status?.recording)
            return;
        const all = [String(stable), String(provisional)];
        const cut = all[0].length + all[1].length - MAX_WORDS;
        if (cut > 0)
            all[0] = `…${all[0].slice(cut)}`;
        const [plain, dim] = all.map(escape);
        this._spoken = plain + (dim ? lessProminent(`${dim}…`) : '');
        this._update();
    }

    // Shows a message for its time, unless the daemon listens.
    _say(message) {
        if (message === this._message)
            return;
        if (this._timer)
            GLib.source_remove(this._timer);
        this._timer = 0;
        this._message = message;
        if (!message)
            return;
        this._timer = GLib.timeout_add(GLib.PRIORITY_DEFAULT, message.time, () => {
            this._timer = 0;
            this._message = null;
            this._update();
            return GLib.SOURCE_REMOVE;
        });
    }

    _update() {
        const shown = this._shown();
        if (!shown) {
            this._area.visible = false;
            this._below.clutter_text.set_markup('');
            return;
        }
        const {recording, overlay = {}} = this._status;
        this._icon.icon_name = shown.icon;
        this._text.text = shown.text;
        this._meter.visible = recording;
        const spoken = overlay.show === 'words' ? this._spoken : '';
        const below = recording ? spoken : lessProminent(escape(shown.note ?? ''));
        this._below.clutter_text.set_markup(below);
        this._below.visible = this._below.text !== '';
        this._place(overlay);
        this._drawBars();
        this._area.visible = true;
    }

    // Returns the icon, the text and perhaps a note; nothing if there is nothing to show.
    _shown() {
        const status = this._status;
        if (!status || status.overlay?.show === 'off')
            return null;
        if (status.recording)
            return this._listening();
        if (this._message && !(this._message.done && status.waiting > 0))
            return this._message;
        if (status.typing)
            return {icon: WORKING, text: `Typing${this._unusual()}`};
        if (status.waiting > 0 && status.pause === '')
            return {icon: WORKING, text: `Transcribing${this._unusual()}`};
        return null;
    }

    _listening() {
        const {lacks, max_duration: most, since} = this._status;
        const part = ['microphone', 'sound'].find(name => lacks?.[name]);
        if (part)
            return {icon: PROBLEM, text: PROBLEMS[part]};
        const seconds = Math.floor((Date.now() - Date.parse(since)) / 1000);
        let text = 'Listening';
        if (seconds >= ELAPSED_FROM)
            text += ` ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
        if (most > 0 && seconds >= 0.9 * most)
            text += `, ${Math.max(1, Math.ceil(most - seconds))} s left`;
        return {icon: LISTENING, text: text + this._unusual()};
    }

    // Returns what is unusual: the languages that the user chose for now, and a recognizer that
    // is not the first of the settings.
    _unusual() {
        const {language_set: chosen, language, fallback} = this._status;
        const all = [chosen ? String(language).toUpperCase() : '', fallback ?? ''].filter(text => text !== '');
        return all.length ? ` (${all.join(' · ')})` : '';
    }

    // Puts the box on the monitor with the focus, in the size and at the place of the settings.
    _place({position = 'bottom', size = 100}) {
        const {layoutManager} = Main;
        const monitor = layoutManager.monitors[global.display.focus_window?.get_monitor() ?? -1] ?? layoutManager.primaryMonitor;
        if (!monitor)
            return;
        this._area.set_position(monitor.x, monitor.y);
        this._area.set_size(monitor.width, monitor.height);
        const {START, CENTER, END} = Clutter.ActorAlign;
        this._box.y_align = position.startsWith('top') ? START : END;
        this._box.x_align = position.endsWith('left') ? START : position.endsWith('right') ? END : CENTER;

        this._size = Math.min(Math.max(Number(size) || 100, 50), 300) / 100;
        this._box.set_style(`font-size: ${FONT_SIZE * this._size}pt;`);
    }

    _drawBars() {
        const pixels = this._size * St.ThemeContext.get_for_stage(global.stage).scale_factor;
        this._bars.forEach((bar, i) => bar.set_height(Math.max(LEAST_HEIGHT, BAR_HEIGHT * this._levels[i] / 100) * pixels));
    }
}

function escape(text) {
    return GLib.markup_escape_text(text, -1);
}

function lessProminent(markup) {
    return `<span alpha="60%">${markup}</span>`;
}
