// The item of the Quick Settings.
import GObject from 'gi://GObject';

import * as Main from 'resource:///org/gnome/shell/ui/main.js';
import * as PopupMenu from 'resource:///org/gnome/shell/ui/popupMenu.js';
import {QuickMenuToggle, SystemIndicator} from 'resource:///org/gnome/shell/ui/quickSettings.js';

const MICROPHONE = 'audio-input-microphone-symbolic';
const MUTED = 'microphone-disabled-symbolic';

const Toggle = GObject.registerClass(
class VocoderToggle extends QuickMenuToggle {
    _init(daemon) {
        super._init({title: 'Dictation', iconName: MICROPHONE, toggleMode: false});
        this.menu.setHeader(MICROPHONE, 'Dictation');
        this._state = new PopupMenu.PopupMenuItem('', {reactive: false});
        this.menu.addMenuItem(this._state);
        this._cancel = this.menu.addAction('Cancel', () => daemon.post('cancel'));
        this._retry = this.menu.addAction('Retry', () => daemon.post('retry'));
        this.menu.addMenuItem(new PopupMenu.PopupSeparatorMenuItem());
        this._next = this.menu.addAction('Next Language', () => daemon.post('language/next'));
        this._usual = this.menu.addAction('Language of the Settings', () => daemon.post('language/default'));
        this.connect('clicked', () => daemon.post(this.checked ? 'pause' : 'resume'));
    }

    showStatus(status) {
        const text = status ? stateOf(status) : 'Not running';
        this.checked = status !== null && status.pause === '';
        this.iconName = this.checked ? MICROPHONE : MUTED;
        this.subtitle = text;
        this._state.label.text = [text, ...Object.values(status?.lacks ?? {})].join('\n').slice(0, 500);
        this._cancel.sensitive = Boolean(status && (status.recording || status.typing || status.waiting > 0));
        this._retry.sensitive = Boolean(status && status.kept + status.refused > 0);
        this._next.sensitive = this._usual.sensitive = status !== null;
    }
});

function stateOf(status) {
    const state = {
        listening: 'Listening', thinking: 'Transcribing', typing: 'Typing', problem: 'A part does not work', idle: 'Ready',
        paused: status.pause === 'by command' ? 'Paused' : `Paused: ${status.pause}`,
    }[status.state] ?? status.state;
    return status.language_set ? `${state} (${status.language})` : state;
}

const Indicator = GObject.registerClass(
class VocoderIndicator extends SystemIndicator {
    _init(toggle) {
        super._init();
        this._icon = this._addIndicator();
        this._icon.visible = false;
        this.quickSettingsItems.push(toggle);
    }

    // The panel shows what asks for attention.
    showStatus(status) {
        this._icon.visible = status !== null && ['paused', 'problem'].includes(status.state);
        this._icon.icon_name = status?.state === 'paused' ? MUTED : 'dialog-warning-symbolic';
    }
});

export class Menu {
    constructor(daemon) {
        this._toggle = new Toggle(daemon);
        this._indicator = new Indicator(this._toggle);
        this.showStatus(null);
        Main.panel.statusArea.quickSettings.addExternalIndicator(this._indicator);
    }

    showStatus(status) {
        this._toggle.showStatus(status);
        this._indicator.showStatus(status);
    }

    destroy() {
        this._toggle.destroy();
        this._indicator.destroy();
    }
}
