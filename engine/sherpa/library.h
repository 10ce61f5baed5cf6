// What the engine does with sherpa-onnx. The program loads the library when it needs it: so
// it can say what is wrong with the library, and building the program needs none.

#ifndef VOCODER_LIBRARY_H
#define VOCODER_LIBRARY_H

#include "sherpa.h"

// vocoder_open loads the library at a path. It returns what is wrong, or NULL. The caller
// frees the result. No other function may be called before it succeeded.
char *vocoder_open(const char *path);

const char *vocoder_version(void);

// A vocoder_clip is a clip and what is known about it. Strings that are NULL are not given.
typedef struct {
	const float *samples;
	int32_t count;
	int32_t rate; // samples per second
	const char *hotwords;
	const char *language;
	const char *words; // hot words as an option of the stream
} vocoder_clip;

const SherpaOnnxOfflineRecognizer *vocoder_create(const SherpaOnnxOfflineRecognizerConfig *config);
void vocoder_configure(const SherpaOnnxOfflineRecognizer *recognizer, const SherpaOnnxOfflineRecognizerConfig *config);
void vocoder_destroy(const SherpaOnnxOfflineRecognizer *recognizer);

// vocoder_recognize returns what was said, or NULL without a stream.
const SherpaOnnxOfflineRecognizerResult *vocoder_recognize(const SherpaOnnxOfflineRecognizer *recognizer, const vocoder_clip *clip);
void vocoder_forget(const SherpaOnnxOfflineRecognizerResult *result);

// The same for models that stream. They, too, get the whole clip.
const SherpaOnnxOnlineRecognizer *vocoder_create_online(const SherpaOnnxOnlineRecognizerConfig *config);
void vocoder_destroy_online(const SherpaOnnxOnlineRecognizer *recognizer);

// vocoder_follow returns what was said, which the caller frees, or NULL without a stream.
char *vocoder_follow(const SherpaOnnxOnlineRecognizer *recognizer, const vocoder_clip *clip);

#endif
