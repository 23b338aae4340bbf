/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define LINE_MAX_SIZE 2048

static char *read_all(FILE *file, size_t *length)
{
    char *text;

    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    text = malloc(*length + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *length, file), *length);
    text[*length] = '\0';
    return text;
}

/** The child: connects its streams and becomes the program. */
static void become_program(const char *command_line, int input, int output, int error)
{
    char words[LINE_MAX_SIZE];
    char *arguments[PROGRAM_ARGS_MAX + 2] = {(char *)(uintptr_t) "boottap"};
    size_t count = 1;

    snprintf(words, sizeof(words), "%s", command_line);
    for (char *word = strtok(words, " "); word != NULL && count <= PROGRAM_ARGS_MAX;
         word = strtok(NULL, " "))
        arguments[count++] = word;
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    execv(BOOTTAP_PROGRAM, arguments);
    _exit(127);
}

/** A pipe that nobody reads. */
static int closed_pipe(void)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    return ends[1];
}

/** @param out shares its position with the program */
static bool has_printed(FILE *out, const char *text)
{
    char start[4096];
    const ssize_t length = pread(fileno(out), start, sizeof(start) - 1, 0);

    start[length > 0 ? length : 0] = '\0';
    return strstr(start, text) != NULL;
}

/** Waits until the program printed a text, then interrupts it. */
static void interrupt_after(pid_t child, FILE *out, const char *text)
{
    for (int i = 0; i < 1000 && !has_printed(out, text); i++)
        usleep(10000);
    kill(child, SIGINT);
}

static int wait_for(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct run run_program_with(const char *command_line, const struct run_setup *setup)
{
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    int ends[2];
    int output;
    size_t length;
    struct run run;
    pid_t child;

    assert_non_null(out);
    assert_non_null(err);
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    output = setup->closed_pipe      ? closed_pipe()
             : setup->output != NULL ? open(setup->output, O_WRONLY)
                                     : dup(fileno(out));
    assert_true(output >= 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        become_program(command_line, ends[0], output, fileno(err));
    close(ends[0]);
    close(output);
    if (setup->input_length > 0)
        assert_int_equal(write(ends[1], setup->input, setup->input_length), setup->input_length);
    if (setup->interrupt_after != NULL)
        interrupt_after(child, out, setup->interrupt_after);
    else
        close(ends[1]);
    run.status = wait_for(child);
    if (setup->interrupt_after != NULL)
        close(ends[1]);
    run.out = read_all(out, &run.length);
    run.err = read_all(err, &length);
    fclose(out);
    fclose(err);
    return run;
}

struct run run_program(const char *command_line)
{
    return run_program_with(command_line, &(struct run_setup){0});
}

void run_release(struct run *run)
{
    free(run->out);
    free(run->err);
}

size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

int enter_directory(void **state)
{
    char *name = strdup("/tmp/boottap-cli-XXXXXX");

    if (name == NULL || mkdtemp(name) == NULL) {
        free(name);
        return -1;
    }
    *state = name;
    /* What the program's surroundings ask for is not under test. */
    unsetenv("NO_COLOR");
    return chdir(name);
}

/** Removes all that is in the current directory. */
static void remove_all(void)
{
    DIR *directory = opendir(".");
    const struct dirent *entry;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (remove(entry->d_name) != 0 && errno == ENOTEMPTY && chdir(entry->d_name) == 0) {
            remove_all();
            assert_int_equal(chdir(".."), 0);
            rmdir(entry->d_name);
        }
    }
    closedir(directory);
}

int leave_directory(void **state)
{
    int result;

    remove_all();
    result = chdir("/") != 0 || rmdir(*state) != 0;
    free(*state);
    return result;
}

void write_file(const char *name, const void *bytes, size_t length)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}
