#define _GNU_SOURCE
#include "library.h"

#include <dlfcn.h>
#include <string.h>

// library has the functions of sherpa-onnx, each with the name that follows "SherpaOnnx".
static struct {
	const char *(*GetVersionStr)(void);

	const SherpaOnnxOfflineRecognizer *(*CreateOfflineRecognizer)(const SherpaOnnxOfflineRecognizerConfig *);
	void (*OfflineRecognizerSetConfig)(const SherpaOnnxOfflineRecognizer *, const SherpaOnnxOfflineRecognizerConfig *);
	void (*DestroyOfflineRecognizer)(const SherpaOnnxOfflineRecognizer *);
	const SherpaOnnxOfflineStream *(*CreateOfflineStream)(const SherpaOnnxOfflineRecognizer *);
	const SherpaOnnxOfflineStream *(*CreateOfflineStreamWithHotwords)(const SherpaOnnxOfflineRecognizer *, const char *);
	void (*DestroyOfflineStream)(const SherpaOnnxOfflineStream *);
	void (*OfflineStreamSetOption)(const SherpaOnnxOfflineStream *, const char *, const char *);
	void (*AcceptWaveformOffline)(const SherpaOnnxOfflineStream *, int32_t, const float *, int32_t);
	void (*DecodeOfflineStream)(const SherpaOnnxOfflineRecognizer *, const SherpaOnnxOfflineStream *);
	const SherpaOnnxOfflineRecognizerResult *(*GetOfflineStreamResult)(const SherpaOnnxOfflineStream *);
	void (*DestroyOfflineRecognizerResult)(const SherpaOnnxOfflineRecognizerResult *);

	const SherpaOnnxOnlineRecognizer *(*CreateOnlineRecognizer)(const SherpaOnnxOnlineRecognizerConfig *);
	void (*DestroyOnlineRecognizer)(const SherpaOnnxOnlineRecognizer *);
	const SherpaOnnxOnlineStream *(*CreateOnlineStream)(const SherpaOnnxOnlineRecognizer *);
	const SherpaOnnxOnlineStream *(*CreateOnlineStreamWithHotwords)(const SherpaOnnxOnlineRecognizer *, const char *);
	void (*DestroyOnlineStream)(const SherpaOnnxOnlineStream *);
	void (*OnlineStreamSetOption)(const SherpaOnnxOnlineStream *, const char *, const char *);
	void (*OnlineStreamAcceptWaveform)(const SherpaOnnxOnlineStream *, int32_t, const float *, int32_t);
	void (*OnlineStreamInputFinished)(const SherpaOnnxOnlineStream *);
	int32_t (*IsOnlineStreamReady)(const SherpaOnnxOnlineRecognizer *, const SherpaOnnxOnlineStream *);
	void (*DecodeOnlineStream)(const SherpaOnnxOnlineRecognizer *, const SherpaOnnxOnlineStream *);
	const SherpaOnnxOnlineRecognizerResult *(*GetOnlineStreamResult)(const SherpaOnnxOnlineRecognizer *, const SherpaOnnxOnlineStream *);
	void (*DestroyOnlineRecognizerResult)(const SherpaOnnxOnlineRecognizerResult *);
} library;

// find stores the address of a function, or returns what is wrong.
static char *find(void *handle, const char *name, void *function)
{
	void *address = dlsym(handle, name);
	if (address == NULL)
		return strdup(dlerror());
	memcpy(function, &address, sizeof address);
	return NULL;
}

char *vocoder_open(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return strdup(dlerror());
	char *wrong = NULL;
#define FIND(name) \
	if (wrong == NULL) wrong = find(handle, "SherpaOnnx" #name, &library.name)
	FIND(GetVersionStr);
	FIND(CreateOfflineRecognizer);
	FIND(OfflineRecognizerSetConfig);
	FIND(DestroyOfflineRecognizer);
	FIND(CreateOfflineStream);
	FIND(CreateOfflineStreamWithHotwords);
	FIND(DestroyOfflineStream);
	FIND(OfflineStreamSetOption);
	FIND(AcceptWaveformOffline);
	FIND(DecodeOfflineStream);
	FIND(GetOfflineStreamResult);
	FIND(DestroyOfflineRecognizerResult);
	FIND(CreateOnlineRecognizer);
	FIND(DestroyOnlineRecognizer);
	FIND(CreateOnlineStream);
	FIND(CreateOnlineStreamWithHotwords);
	FIND(DestroyOnlineStream);
	FIND(OnlineStreamSetOption);
	FIND(OnlineStreamAcceptWaveform);
	FIND(OnlineStreamInputFinished);
	FIND(IsOnlineStreamReady);
	FIND(DecodeOnlineStream);
	FIND(GetOnlineStreamResult);
	FIND(DestroyOnlineRecognizerResult);
#undef FIND
	return wrong;
}

const char *vocoder_version(void) { return library.GetVersionStr(); }

const SherpaOnnxOfflineRecognizer *vocoder_create(const SherpaOnnxOfflineRecognizerConfig *config)
{
	return library.CreateOfflineRecognizer(config);
}

void vocoder_configure(const SherpaOnnxOfflineRecognizer *recognizer, const SherpaOnnxOfflineRecognizerConfig *config)
{
	library.OfflineRecognizerSetConfig(recognizer, config);
}

void vocoder_destroy(const SherpaOnnxOfflineRecognizer *recognizer) { library.DestroyOfflineRecognizer(recognizer); }

const SherpaOnnxOfflineRecognizerResult *vocoder_recognize(const SherpaOnnxOfflineRecognizer *recognizer, const vocoder_clip *clip)
{
	const SherpaOnnxOfflineStream *stream = clip->hotwords
		? library.CreateOfflineStreamWithHotwords(recognizer, clip->hotwords)
		: library.CreateOfflineStream(recognizer);
	if (stream == NULL)
		return NULL;
	if (clip->language)
		library.OfflineStreamSetOption(stream, "language", clip->language);
	if (clip->words)
		library.OfflineStreamSetOption(stream, "hotwords", clip->words);
	library.AcceptWaveformOffline(stream, clip->rate, clip->samples, clip->count);
	library.DecodeOfflineStream(recognizer, stream);
	const SherpaOnnxOfflineRecognizerResult *result = library.GetOfflineStreamResult(stream);
	library.DestroyOfflineStream(stream);
	return result;
}

void vocoder_forget(const SherpaOnnxOfflineRecognizerResult *result) { library.DestroyOfflineRecognizerResult(result); }

const SherpaOnnxOnlineRecognizer *vocoder_create_online(const SherpaOnnxOnlineRecognizerConfig *config)
{
	return library.CreateOnlineRecognizer(config);
}

void vocoder_destroy_online(const SherpaOnnxOnlineRecognizer *recognizer) { library.DestroyOnlineRecognizer(recognizer); }

char *vocoder_follow(const SherpaOnnxOnlineRecognizer *recognizer, const vocoder_clip *clip)
{
	const SherpaOnnxOnlineStream *stream = clip->hotwords
		? library.CreateOnlineStreamWithHotwords(recognizer, clip->hotwords)
		: library.CreateOnlineStream(recognizer);
	if (stream == NULL)
		return NULL;
	if (clip->language)
		library.OnlineStreamSetOption(stream, "language", clip->language);
	library.OnlineStreamAcceptWaveform(stream, clip->rate, clip->samples, clip->count);
	library.OnlineStreamInputFinished(stream);
	while (library.IsOnlineStreamReady(recognizer, stream))
		library.DecodeOnlineStream(recognizer, stream);
	const SherpaOnnxOnlineRecognizerResult *result = library.GetOnlineStreamResult(recognizer, stream);
	char *text = result ? strdup(result->text) : NULL;
	library.DestroyOnlineRecognizerResult(result);
	library.DestroyOnlineStream(stream);
	return text;
}
