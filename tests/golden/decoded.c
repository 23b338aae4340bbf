/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decoded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void decoded_run(struct decoded *decoded, const char *boottap, const char *capture)
{
    char command[8192];
    FILE *pipe;

    *decoded = (struct decoded){0};
    snprintf(command, sizeof(command), "'%s' decode --json '%s'", boottap, capture);
    pipe = popen(command, "r");
    if (!pipe) {
        perror(boottap);
        exit(1);
    }
    read_lines(decoded, pipe);
    if (pclose(pipe) != 0) {
        fprintf(stderr, "%s: failed\n", command);
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
