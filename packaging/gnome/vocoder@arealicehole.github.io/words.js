// What the overlay says. The words are those of vocoder-osd (internal/osd/view/words.go); a
// test there compares them.

// What does not work, by the part of the daemon, the most important first.
export const PROBLEMS = {
    key: 'No keyboard with your key',
    microphone: 'No microphone',
    sound: 'The microphone is not heard',
    recogniser: 'The recognizer does not answer',
    words: 'Words are probably missing',
    command: 'Your text command failed',
    keyboard: 'Typing is not possible',
};

// Why nothing was typed.
const REFUSALS = {
    slip: 'Too short: hold the key while you speak',
    'no sound': 'No sound came from the microphone',
    silence: 'Heard nothing',
    'not speech': 'Heard no speech',
    cancelled: 'Cancelled',
    'too many wait': 'Too many texts wait already',
    'session away': 'Not typed: you were away',
    'daemon ended': 'Not typed: vocoder ended',
    'password field': 'Not into a password field',
};

// Why a text was kept.
const REASONS = {
    recogniser: 'the recognizer did not answer',
    'not typed': 'typing failed',
    'session away': 'you were away',
    'password field': 'a password field has the focus',
};

// Where the user has a kept text typed.
const AGAIN = 'Retry: Quick Settings, Dictation';

// Milliseconds that a message is shown.
const DONE_TIME = 1200;
const REFUSED_TIME = 2500;
const KEPT_TIME = 6000;

// The names of symbolic icons. Each state has one of its own, so that color is never the
// only sign.
export const LISTENING = 'audio-input-microphone-symbolic';
export const WORKING = 'content-loading-symbolic';
export const PROBLEM = 'dialog-warning-symbolic';
const DONE = 'object-select-symbolic';
const KEPT = 'document-save-symbolic';
const REFUSED = 'action-unavailable-symbolic';
const PAUSED = 'media-playback-pause-symbolic';

// Returns what the change from one status to the next has to say: icon, text, perhaps a note
// in less prominent letters, and time. It returns null if that is nothing.
export function messageOf(before, now) {
    if (now.last?.outcome && (now.last.at !== before.last?.at || now.last.outcome !== before.last.outcome))
        return endOf(now);
    if (now.pause !== before.pause && now.pause === 'by command')
        return {icon: PAUSED, text: 'Paused', time: REFUSED_TIME};
    if (now.pause === '') {
        const part = Object.keys(PROBLEMS).find(name => now.lacks?.[name] && !before.lacks?.[name]);
        if (part)
            return {icon: PROBLEM, text: PROBLEMS[part], time: KEPT_TIME};
    }
    return null;
}

function endOf({last: {outcome, reason}, lacks, kept, refused}) {
    switch (outcome) {
    case 'typed':
    case 'pasted':
        if (lacks?.words)
            return {icon: PROBLEM, text: 'Typed, but words are probably missing', time: KEPT_TIME};
        if (reason === 'clipboard replaced')
            return {icon: DONE, text: 'Pasted', note: 'the clipboard keeps the text', time: REFUSED_TIME};
        return {icon: DONE, text: 'Typed', time: DONE_TIME, done: true};
    case 'clipboard':
        return {icon: KEPT, text: 'In the clipboard: paste it', time: KEPT_TIME};
    case 'kept':
        return {icon: KEPT, text: `Kept: ${REASONS[reason] ?? reason}`, note: AGAIN, time: KEPT_TIME};
    }
    if (reason === 'command')
        return {icon: DONE, text: 'Your text command took it', time: DONE_TIME, done: true};
    const again = ['silence', 'not speech'].includes(reason) && refused > 0 && kept === 0;
    return {icon: REFUSED, text: REFUSALS[reason] ?? reason, note: again ? AGAIN : '', time: REFUSED_TIME};
}
