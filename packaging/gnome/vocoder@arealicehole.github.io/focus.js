// What has the focus: the input source, the window, and whether it is a password field.
import Clutter from 'gi://Clutter';
import GObject from 'gi://GObject';

import * as Main from 'resource:///org/gnome/shell/ui/main.js';
import {getInputSourceManager} from 'resource:///org/gnome/shell/ui/status/keyboard.js';

const MAX_TEXT = 200; // characters; the daemon takes 256 bytes

export class Focus {
    // Calls changed with what has the focus, after each change.
    constructor(changed) {
        this._changed = changed;
        this._sources = getInputSourceManager();
        const look = this._look.bind(this);
        this._sources.connectObject('current-source-changed', look, this);
        global.display.connectObject('notify::focus-window', look, this);
        global.stage.connectObject('notify::key-focus', look, this);
        // The last two come when a text field gets and loses the focus.
        Main.inputMethod.connectObject(
            'notify::content-purpose', look, 'notify::content-hints', look,
            'cursor-location-changed', look, 'input-panel-state', look, this);
        this._look();
    }

    destroy() {
        this._sources.disconnectObject(this);
        global.display.disconnectObject(this);
        global.stage.disconnectObject(this);
        Main.inputMethod.disconnectObject(this);
    }

    // Says it again.
    send() {
        this._last = null;
        this._look();
    }

    _look() {
        const source = this._sources.currentSource;
        const window = global.display.focus_window;
        const now = {
            source: source ? `${source.type}:${source.id}`.slice(0, MAX_TEXT) : '',
            app: (window?.get_wm_class() ?? '').slice(0, MAX_TEXT),
            window: window ? String(window.get_id()) : '',
            password: isPassword(),
            overlay: true, // the extension draws it
        };
        const text = JSON.stringify(now);
        if (text === this._last)
            return;
        this._last = text;
        this._changed(now);
    }
}

function isPassword() {
    const {PASSWORD} = Clutter.InputContentPurpose;
    const {HIDDEN_TEXT} = Clutter.InputContentHintFlags;
    const own = global.stage.get_key_focus();
    if (own instanceof Clutter.Text) // a field of the shell itself
        return !['', '\u0000', 0].includes(own.get_password_char()) || own.input_purpose === PASSWORD || (own.input_hints & HIDDEN_TEXT) !== 0;
    // A field of the shell that has gone can stay the focus of the input method.
    const method = Main.inputMethod;
    const field = method.currentFocus;
    if (!field || GObject.type_name_from_instance(field) === 'ClutterTextInputFocus')
        return false;
    return method.content_purpose === PASSWORD || (method.content_hints & HIDDEN_TEXT) !== 0;
}
