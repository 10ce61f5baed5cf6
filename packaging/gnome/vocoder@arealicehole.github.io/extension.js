import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';

import {Daemon} from './daemon.js';
import {Focus} from './focus.js';
import {Menu} from './menu.js';
import {Overlay} from './overlay.js';

export default class Vocoder extends Extension {
    enable() {
        this._daemon = new Daemon({
            status: status => {
                this._overlay.showStatus(status);
                this._menu.showStatus(status);
                if (status && !this._running)
                    this._focus.send(); // a daemon that has just started knows nothing
                this._running = status !== null;
            },
            level: level => this._overlay.showLevel(level),
            words: words => this._overlay.showWords(words),
        });
        this._running = false;
        this._overlay = new Overlay();
        this._menu = new Menu(this._daemon);
        this._focus = new Focus(focus => this._daemon.put('desktop', focus));
        this._daemon.start();
    }

    disable() {
        this._focus.destroy();
        this._daemon.stop();
        this._menu.destroy();
        this._overlay.destroy();
        this._daemon = this._focus = this._menu = this._overlay = null;
    }
}
