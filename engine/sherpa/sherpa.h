// The declarations of sherpa-onnx 2.0.1 that vocoder-engine uses, from its
// sherpa-onnx/c-api/c-api.h (Apache-2.0, Copyright 2023 Xiaomi Corporation) without the
// comments. TestHeader compares them with that file.

#ifndef VOCODER_SHERPA_H
#define VOCODER_SHERPA_H

#include <stdint.h>

typedef struct SherpaOnnxOnlineTransducerModelConfig {
	const char *encoder;
	const char *decoder;
	const char *joiner;
} SherpaOnnxOnlineTransducerModelConfig;

typedef struct SherpaOnnxOnlineParaformerModelConfig {
	const char *encoder;
	const char *decoder;
} SherpaOnnxOnlineParaformerModelConfig;

typedef struct SherpaOnnxOnlineZipformer2CtcModelConfig {
	const char *model;
} SherpaOnnxOnlineZipformer2CtcModelConfig;

typedef struct SherpaOnnxOnlineNemoCtcModelConfig {
	const char *model;
} SherpaOnnxOnlineNemoCtcModelConfig;

typedef struct SherpaOnnxOnlineToneCtcModelConfig {
	const char *model;
} SherpaOnnxOnlineToneCtcModelConfig;

typedef struct SherpaOnnxOnlineModelConfig {
	SherpaOnnxOnlineTransducerModelConfig transducer;
	SherpaOnnxOnlineParaformerModelConfig paraformer;
	SherpaOnnxOnlineZipformer2CtcModelConfig zipformer2_ctc;
	const char *tokens;
	int32_t num_threads;
	const char *provider;
	int32_t debug;
	const char *model_type;
	const char *modeling_unit;
	const char *bpe_vocab;
	const char *tokens_buf;
	int32_t tokens_buf_size;
	SherpaOnnxOnlineNemoCtcModelConfig nemo_ctc;
	SherpaOnnxOnlineToneCtcModelConfig t_one_ctc;
} SherpaOnnxOnlineModelConfig;

typedef struct SherpaOnnxFeatureConfig {
	int32_t sample_rate;
	int32_t feature_dim;
} SherpaOnnxFeatureConfig;

typedef struct SherpaOnnxOnlineCtcFstDecoderConfig {
	const char *graph;
	int32_t max_active;
} SherpaOnnxOnlineCtcFstDecoderConfig;

typedef struct SherpaOnnxOfflineCtcFstDecoderConfig {
	const char *graph;
	int32_t max_active;
} SherpaOnnxOfflineCtcFstDecoderConfig;

typedef struct SherpaOnnxHomophoneReplacerConfig {
	const char *dict_dir;
	const char *lexicon;
	const char *rule_fsts;
} SherpaOnnxHomophoneReplacerConfig;

typedef struct SherpaOnnxOnlineRecognizerConfig {
	SherpaOnnxFeatureConfig feat_config;
	SherpaOnnxOnlineModelConfig model_config;
	const char *decoding_method;
	int32_t max_active_paths;
	int32_t enable_endpoint;
	float rule1_min_trailing_silence;
	float rule2_min_trailing_silence;
	float rule3_min_utterance_length;
	const char *hotwords_file;
	float hotwords_score;
	SherpaOnnxOnlineCtcFstDecoderConfig ctc_fst_decoder_config;
	const char *rule_fsts;
	const char *rule_fars;
	float blank_penalty;
	const char *hotwords_buf;
	int32_t hotwords_buf_size;
	SherpaOnnxHomophoneReplacerConfig hr;
} SherpaOnnxOnlineRecognizerConfig;

typedef struct SherpaOnnxOnlineRecognizerResult {
	const char *text;
	const char *tokens;
	const char *const *tokens_arr;
	float *timestamps;
	int32_t count;
	const char *json;
} SherpaOnnxOnlineRecognizerResult;

typedef struct SherpaOnnxOfflineTransducerModelConfig {
	const char *encoder;
	const char *decoder;
	const char *joiner;
} SherpaOnnxOfflineTransducerModelConfig;

typedef struct SherpaOnnxOfflineParaformerModelConfig {
	const char *model;
} SherpaOnnxOfflineParaformerModelConfig;

typedef struct SherpaOnnxOfflineNemoEncDecCtcModelConfig {
	const char *model;
} SherpaOnnxOfflineNemoEncDecCtcModelConfig;

typedef struct SherpaOnnxOfflineWhisperModelConfig {
	const char *encoder;
	const char *decoder;
	const char *language;
	const char *task;
	int32_t tail_paddings;
	int32_t enable_token_timestamps;
	int32_t enable_segment_timestamps;
} SherpaOnnxOfflineWhisperModelConfig;

typedef struct SherpaOnnxOfflineCanaryModelConfig {
	const char *encoder;
	const char *decoder;
	const char *src_lang;
	const char *tgt_lang;
	int32_t use_pnc;
} SherpaOnnxOfflineCanaryModelConfig;

typedef struct SherpaOnnxOfflineCohereTranscribeModelConfig {
	const char *encoder;
	const char *decoder;
	const char *language;
	int32_t use_punct;
	int32_t use_itn;
} SherpaOnnxOfflineCohereTranscribeModelConfig;

typedef struct SherpaOnnxOfflineFireRedAsrModelConfig {
	const char *encoder;
	const char *decoder;
} SherpaOnnxOfflineFireRedAsrModelConfig;

typedef struct SherpaOnnxOfflineFireRedAsrCtcModelConfig {
	const char *model;
} SherpaOnnxOfflineFireRedAsrCtcModelConfig;

typedef struct SherpaOnnxOfflineMoonshineModelConfig {
	const char *preprocessor;
	const char *encoder;
	const char *uncached_decoder;
	const char *cached_decoder;
	const char *merged_decoder;
} SherpaOnnxOfflineMoonshineModelConfig;

typedef struct SherpaOnnxOfflineTdnnModelConfig {
	const char *model;
} SherpaOnnxOfflineTdnnModelConfig;

typedef struct SherpaOnnxOfflineLMConfig {
	const char *model;
	float scale;
} SherpaOnnxOfflineLMConfig;

typedef struct SherpaOnnxOfflineSenseVoiceModelConfig {
	const char *model;
	const char *language;
	int32_t use_itn;
} SherpaOnnxOfflineSenseVoiceModelConfig;

typedef struct SherpaOnnxOfflineDolphinModelConfig {
	const char *model;
} SherpaOnnxOfflineDolphinModelConfig;

typedef struct SherpaOnnxOfflineZipformerCtcModelConfig {
	const char *model;
} SherpaOnnxOfflineZipformerCtcModelConfig;

typedef struct SherpaOnnxOfflineWenetCtcModelConfig {
	const char *model;
} SherpaOnnxOfflineWenetCtcModelConfig;

typedef struct SherpaOnnxOfflineOmnilingualAsrCtcModelConfig {
	const char *model;
} SherpaOnnxOfflineOmnilingualAsrCtcModelConfig;

typedef struct SherpaOnnxOfflineFunASRNanoModelConfig {
	const char *encoder_adaptor;
	const char *llm;
	const char *embedding;
	const char *tokenizer;
	const char *system_prompt;
	const char *user_prompt;
	int32_t max_new_tokens;
	float temperature;
	float top_p;
	int32_t seed;
	const char *language;
	int32_t itn;
	const char *hotwords;
} SherpaOnnxOfflineFunASRNanoModelConfig;

typedef struct SherpaOnnxOfflineQwen3ASRModelConfig {
	const char *conv_frontend;
	const char *encoder;
	const char *decoder;
	const char *tokenizer;
	int32_t max_total_len;
	int32_t max_new_tokens;
	float temperature;
	float top_p;
	int32_t seed;
	const char *hotwords;
} SherpaOnnxOfflineQwen3ASRModelConfig;

typedef struct SherpaOnnxOfflineMedAsrCtcModelConfig {
	const char *model;
} SherpaOnnxOfflineMedAsrCtcModelConfig;

typedef struct SherpaOnnxOfflineModelConfig {
	SherpaOnnxOfflineTransducerModelConfig transducer;
	SherpaOnnxOfflineParaformerModelConfig paraformer;
	SherpaOnnxOfflineNemoEncDecCtcModelConfig nemo_ctc;
	SherpaOnnxOfflineWhisperModelConfig whisper;
	SherpaOnnxOfflineTdnnModelConfig tdnn;
	const char *tokens;
	int32_t num_threads;
	int32_t debug;
	const char *provider;
	const char *model_type;
	const char *modeling_unit;
	const char *bpe_vocab;
	const char *telespeech_ctc;
	SherpaOnnxOfflineSenseVoiceModelConfig sense_voice;
	SherpaOnnxOfflineMoonshineModelConfig moonshine;
	SherpaOnnxOfflineFireRedAsrModelConfig fire_red_asr;
	SherpaOnnxOfflineDolphinModelConfig dolphin;
	SherpaOnnxOfflineZipformerCtcModelConfig zipformer_ctc;
	SherpaOnnxOfflineCanaryModelConfig canary;
	SherpaOnnxOfflineWenetCtcModelConfig wenet_ctc;
	SherpaOnnxOfflineOmnilingualAsrCtcModelConfig omnilingual;
	SherpaOnnxOfflineMedAsrCtcModelConfig medasr;
	SherpaOnnxOfflineFunASRNanoModelConfig funasr_nano;
	SherpaOnnxOfflineFireRedAsrCtcModelConfig fire_red_asr_ctc;
	SherpaOnnxOfflineQwen3ASRModelConfig qwen3_asr;
	SherpaOnnxOfflineCohereTranscribeModelConfig cohere_transcribe;
} SherpaOnnxOfflineModelConfig;

typedef struct SherpaOnnxOfflineRecognizerConfig {
	SherpaOnnxFeatureConfig feat_config;
	SherpaOnnxOfflineModelConfig model_config;
	SherpaOnnxOfflineLMConfig lm_config;
	const char *decoding_method;
	int32_t max_active_paths;
	const char *hotwords_file;
	float hotwords_score;
	const char *rule_fsts;
	const char *rule_fars;
	float blank_penalty;
	SherpaOnnxHomophoneReplacerConfig hr;
	SherpaOnnxOfflineCtcFstDecoderConfig ctc_fst_decoder_config;
} SherpaOnnxOfflineRecognizerConfig;

typedef struct SherpaOnnxOfflineRecognizerResult {
	const char *text;
	float *timestamps;
	int32_t count;
	const char *tokens;
	const char *const *tokens_arr;
	const char *json;
	const char *lang;
	const char *emotion;
	const char *event;
	float *durations;
	float *ys_log_probs;
	const float *segment_timestamps;
	const float *segment_durations;
	const char *segment_texts;
	const char *const *segment_texts_arr;
	int32_t segment_count;
} SherpaOnnxOfflineRecognizerResult;

typedef struct SherpaOnnxOfflineRecognizer SherpaOnnxOfflineRecognizer;
typedef struct SherpaOnnxOfflineStream SherpaOnnxOfflineStream;
typedef struct SherpaOnnxOnlineRecognizer SherpaOnnxOnlineRecognizer;
typedef struct SherpaOnnxOnlineStream SherpaOnnxOnlineStream;

#endif
