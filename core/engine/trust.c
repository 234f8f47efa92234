/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/engine/trust.h"

#include "core/util/bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool trust_owner(const char *path, struct buf *why)
{
	struct stat st;
	if (stat(path, &st) != 0) {
		buf_printf(why, "%s: %s", path, strerror(errno));
		return false;
	}
	uid_t me = geteuid();
	const char *what = S_ISDIR(st.st_mode) ? "folder" : "file";
	if (st.st_uid != 0 && st.st_uid != me) {
		if (me == 0)
			buf_printf(why,
			    "the %s %s belongs to user %lu; running as root, only plugins that root owns are "
			    "loaded",
			    what, path, (unsigned long)st.st_uid);
		else
			buf_printf(why,
			    "the %s %s belongs to user %lu, neither to root nor to user %lu who runs this",
			    what, path, (unsigned long)st.st_uid, (unsigned long)me);
		return false;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		buf_printf(why, "the %s %s is writable by %s (mode %04o)", what, path,
		    st.st_mode & S_IWOTH ? "others" : "its group", (unsigned)(st.st_mode & 07777));
		return false;
	}
	return true;
}

/* Every loaded segment must lie within the file. */
static bool segments_inside(int fd, const ElfW(Ehdr) * head, uint64_t size)
{
	for (unsigned i = 0; i < head->e_phnum; i++) {
		ElfW(Phdr) seg;
		off_t at = (off_t)(head->e_phoff + (uint64_t)i * sizeof seg);
		if (pread(fd, &seg, sizeof seg, at) != (ssize_t)sizeof seg)
			return false;
		uint64_t end;
		if (seg.p_type == PT_LOAD && (!add_u64(seg.p_offset, seg.p_filesz, &end) || end > size))
			return false;
	}
	return true;
}

bool trust_elf(const char *path, struct buf *why)
{
	bool good = false;
	ElfW(Ehdr) head;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		buf_printf(why, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode) || pread(fd, &head, sizeof head, 0) != (ssize_t)sizeof head ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) {
		buf_printf(why, "%s is not an ELF file", path);
		goto out;
	}
	if (head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) ||
	    head.e_phentsize != sizeof(ElfW(Phdr)) || head.e_phoff > (uint64_t)st.st_size) {
		buf_printf(why, "%s is an ELF file for another machine", path);
		goto out;
	}
	if (!segments_inside(fd, &head, (uint64_t)st.st_size)) {
		buf_printf(why, "%s is cut short", path);
		goto out;
	}
	good = true;
out:
	if (fd >= 0)
		close(fd);
	return good;
}
