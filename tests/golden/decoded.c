/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decoded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void add(struct decoded *decoded, const char *line)
{
    size_t count = decoded->length + 1;
    struct json_object *object = json_tokener_parse(line);

    decoded->lines = realloc(decoded->lines, count * sizeof(*decoded->lines));
    decoded->objects = realloc(decoded->objects, count * sizeof(struct json_object *));
    if (!decoded->lines || !decoded->objects || !object) {
        fprintf(stderr, "line %zu is no JSON: %s\n", count, line);
        exit(1);
    }
    decoded->lines[decoded->length] = strdup(line);
    decoded->objects[decoded->length] = object;
    decoded->length = count;
}

static void read_lines(struct decoded *decoded, FILE *file)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        add(decoded, line);
    }
    free(line);
}

/** Starts the program with its output in a pipe. */
static FILE *start(const char *boottap, const char *capture, pid_t *child)
{
    int ends[2];

    if (pipe(ends) < 0)
        return NULL;
    *child = fork();
    if (*child < 0)
        return NULL;
    if (*child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(boottap, boottap, "decode", "--json", capture, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    return fdopen(ends[0], "r");
}

void decoded_run(struct decoded *decoded, const char *boottap, const char *capture)
{
    pid_t child;
    int status = 0;
    FILE *output = start(boottap, capture, &child);

    *decoded = (struct decoded){0};
    if (!output) {
        perror(boottap);
        exit(1);
    }
    read_lines(decoded, output);
    fclose(output);
    if (waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "%s decode --json %s: failed\n", boottap, capture);
        exit(1);
    }
}

int decoded_read(struct decoded *decoded, const char *path)
{
    FILE *file = fopen(path, "r");

    *decoded = (struct decoded){0};
    if (!file)
        return 0;
    read_lines(decoded, file);
    fclose(file);
    return 1;
}

void decoded_free(struct decoded *decoded)
{
    for (size_t i = 0; i < decoded->length; i++) {
        free(decoded->lines[i]);
        json_object_put(decoded->objects[i]);
    }
    free(decoded->lines);
    free(decoded->objects);
}

const char *decoded_text(struct json_object *object, const char *key)
{
    struct json_object *member;
    return json_object_object_get_ex(object, key, &member) ? json_object_get_string(member) : NULL;
}
