/* SPDX-License-Identifier: MIT */
/*
 * DCMTK's coders of JPEG frames (ijg8, ijg12, ijg16) without its data sets: no registry, no global state but
 * that of its logger, which is switched off.
 */
#include "dcmtk/config/osconfig.h" /* must be first */

#include "dcmtk/dcmjpeg/djcparam.h"
#include "dcmtk/dcmjpeg/djdijg12.h"
#include "dcmtk/dcmjpeg/djdijg16.h"
#include "dcmtk/dcmjpeg/djdijg8.h"
#include "dcmtk/dcmjpeg/djeijg12.h"
#include "dcmtk/dcmjpeg/djeijg16.h"
#include "dcmtk/dcmjpeg/djeijg8.h"
#include "dcmtk/oflog/oflog.h"

#include "plugins/modules/dicom-codec.h"
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace
{

/* libjpeg's warnings mean damaged data. DCMTK would only log them. */
template <class Base> class Strict : public Base
{
      public:
	using Base::Base;
	void emitMessage(int level) const override
	{
		if (level < 0)
			damaged = true;
	}
	mutable bool damaged = false;
};

template <class Base> class Quiet : public Base
{
      public:
	using Base::Base;
	void emitMessage(void *, int) const override
	{
	}
};

bool silence()
{
	OFLog::configure(OFLogger::OFF_LOG_LEVEL);
	return true;
}

/* No colors are converted, neither way; values are what was coded ("true lossless"). */
DJCodecParameter parameters()
{
	static const bool silent = silence();
	(void)silent;
	return DJCodecParameter(ECC_lossyRGB, EDC_never, EUC_never, EPC_colorByPixel);
}

bool explain(ijg_error *e, const char *text)
{
	snprintf(e->text, sizeof e->text, "%s", text);
	return false;
}

template <class Base> bool decode_with(const uint8_t *in, size_t nin, uint8_t *cells, size_t n, ijg_error *e)
{
	DJCodecParameter cp = parameters();
	Strict<Base> decoder(cp, OFFalse);
	OFCondition result = decoder.init();

	if (result.good())
		result = decoder.decode(const_cast<Uint8 *>(in), static_cast<Uint32>(nin), cells,
		    static_cast<Uint32>(n), OFFalse);
	e->truncated = result == EJ_Suspension;
	if (result.bad())
		return explain(e, result.text());
	return decoder.damaged ? explain(e, "the data are damaged") : true;
}

template <class Base, class Sample>
bool encode_with(const ijg_lossless *how, const uint8_t *cells, uint8_t **out, size_t *nout, ijg_error *e)
{
	DJCodecParameter cp = parameters();
	Quiet<Base> encoder(cp, EJM_lossless, static_cast<int>(how->predictor), static_cast<int>(how->point));
	Uint8 *coded = nullptr;
	Uint32 length = 0;
	/* It takes a pointer to what it does not change. */
	Sample *samples = reinterpret_cast<Sample *>(const_cast<uint8_t *>(cells));
	OFCondition result = encoder.encode(static_cast<Uint16>(how->width), static_cast<Uint16>(how->height),
	    how->components == 1 ? EPI_Monochrome2 : EPI_RGB, static_cast<Uint16>(how->components), samples,
	    coded, length);
	std::unique_ptr<Uint8[]> owner(coded);

	if (result.bad())
		return explain(e, result.text());
	*out = static_cast<uint8_t *>(malloc(length ? length : 1));
	if (!*out)
		return explain(e, "no memory");
	memcpy(*out, coded, length);
	*nout = length;
	return true;
}

} // namespace

bool ijg_decode(unsigned bits, const uint8_t *in, size_t nin, uint8_t *cells, size_t n, ijg_error *e)
{
	*e = {};
	if (nin > UINT32_MAX || n > UINT32_MAX)
		return explain(e, "a frame of more than 4 GiB");
	try {
		if (bits == 8)
			return decode_with<DJDecompressIJG8Bit>(in, nin, cells, n, e);
		if (bits == 12)
			return decode_with<DJDecompressIJG12Bit>(in, nin, cells, n, e);
		return decode_with<DJDecompressIJG16Bit>(in, nin, cells, n, e);
	} catch (const std::bad_alloc &) {
		return explain(e, "no memory");
	}
}

bool ijg_encode(const ijg_lossless *how, const uint8_t *cells, uint8_t **out, size_t *nout, ijg_error *e)
{
	*e = {};
	*out = nullptr;
	*nout = 0;
	try {
		if (how->bits == 8)
			return encode_with<DJCompressIJG8Bit, Uint8>(how, cells, out, nout, e);
		if (how->bits == 12)
			return encode_with<DJCompressIJG12Bit, Uint16>(how, cells, out, nout, e);
		return encode_with<DJCompressIJG16Bit, Uint16>(how, cells, out, nout, e);
	} catch (const std::bad_alloc &) {
		return explain(e, "no memory");
	}
}
