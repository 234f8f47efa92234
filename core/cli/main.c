/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "core/cli/command.h"
#include "core/cli/print.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_run,
    &command_plan,
    &command_check,
    &command_fields,
    &command_formats,
    &command_gear,
    &command_keygen,
};
#define NCOMMANDS (sizeof commands / sizeof *commands)

static int help(void)
{
	fputs("Usage: deid [--plugin-dir DIR]... COMMAND [OPTION]...\n"
	      "De-identifies files as a profile says.\n\nCommands:\n",
	    stdout);
	for (size_t i = 0; i < NCOMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n  --plugin-dir DIR  search DIR for plugins before the installed ones (repeatable)\n"
	      "  --help            this text; 'deid COMMAND --help' for one command\n"
	      "  --version         the version of the program and of its plugin interface\n",
	    stdout);
	return print_flush() ? EXIT_DONE : EXIT_SOME_FAILED;
}

static int version(void)
{
	printf("%s, plugin interface %d.%d\n", PACKAGE_STRING, DEID_ABI_MAJOR, DEID_ABI_MINOR);
	return print_flush() ? EXIT_DONE : EXIT_SOME_FAILED;
}

/* Options before the command. -1: go on with argv[optind]. */
static int global_options(struct session *s, int argc, char **argv)
{
	static const struct option options[] = {COMMON_OPTIONS, {"version", no_argument, NULL, 'V'}, {0}};
	int c;
	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case OPTION_PLUGIN_DIR:
			if (!session_plugin_dir(s, optarg))
				return usage_error(NULL, "no memory");
			break;
		case OPTION_HELP:
			return help();
		case 'V':
			return version();
		default:
			fputs("Try 'deid --help'.\n", stderr);
			return EXIT_NOTHING_TOUCHED;
		}
	}
	return optind < argc ? -1 : usage_error(NULL, "a command is missing");
}

static int dispatch(struct session *s, int argc, char **argv)
{
	int status = global_options(s, argc, argv);
	if (status >= 0)
		return status;
	const char *name = argv[optind];
	for (size_t i = 0; i < NCOMMANDS; i++) {
		if (strcmp(commands[i]->name, name) != 0)
			continue;
		struct buf own = {0};
		if (!buf_printf(&own, "deid %s", name) || !buf_cstr(&own)) {
			buf_free(&own);
			return usage_error(NULL, "no memory");
		}
		argc -= optind;
		argv += optind;
		argv[0] = own.p; /* what getopt begins its messages with */
		optind = 0;      /* getopt starts anew */
		status = commands[i]->run(s, argc, argv);
		buf_free(&own);
		return status;
	}
	return usage_error(NULL, "unknown command '%s'", name);
}

/* A file that got the number of a closed standard stream would take what is meant for that: the number is
 * held, by something that refuses it. */
static void hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	struct session s = {.level = DEID_LOG_WARN};
	hold_streams();
	/* A line at a time: messages are put together from pieces. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	/* Values must not end in a core file. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	/* A file that grows too large is an error like any other, and so is a reader that goes away. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	/* Nothing we use is configured there, and reading it costs more than hashing a header. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	error_init(&s.err);
	int status = dispatch(&s, argc, argv);
	session_end(&s);
	return status;
}
