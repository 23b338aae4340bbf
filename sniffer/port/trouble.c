/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/trouble.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"

/** Words of one message. */
#define WORDS_SIZE 512

/** A program that has the port open. */
struct holder {
    long process;
    char name[32];
};

/** Whether one of the descriptors in a process's folder leads to the device. */
static bool holds(const char *folder, const char *device)
{
    char path[64];
    char target[256];
    struct dirent *entry;
    DIR *descriptors;
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%.20s/fd", folder);
    descriptors = opendir(path);
    if (descriptors == NULL)
        return false;
    while (!found && (entry = readdir(descriptors)) != NULL) {
        const ssize_t length =
            readlinkat(dirfd(descriptors), entry->d_name, target, sizeof(target) - 1);

        target[length > 0 ? length : 0] = '\0';
        found = strcmp(target, device) == 0;
    }
    closedir(descriptors);
    return found;
}

static void read_name(struct holder *holder)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/comm", holder->process);
    file = fopen(path, "re");
    if (file == NULL || fgets(holder->name, sizeof(holder->name), file) == NULL)
        snprintf(holder->name, sizeof(holder->name), "a program");
    holder->name[strcspn(holder->name, "\n")] = '\0';
    if (file != NULL)
        fclose(file);
}

/** Whose descriptors may be looked at: root's are all, a user's are their own. */
static bool find_holder(const char *device, struct holder *holder)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    bool found = false;

    if (processes == NULL)
        return false;
    while (!found && (entry = readdir(processes)) != NULL) {
        holder->process = strtol(entry->d_name, NULL, 10);
        found = holder->process > 0 && holder->process != (long)getpid() &&
                holds(entry->d_name, device);
    }
    closedir(processes);
    if (found)
        read_name(holder);
    return found;
}

static void explain_busy(const char *path, const char *device)
{
    struct holder holder;

    if (find_holder(device, &holder))
        message("%s: in use by %s (process %ld); end that first", path, holder.name,
                holder.process);
    else
        message("%s: in use by another program; end it first (ModemManager takes new ports for a "
                "while; `sudo fuser -v %s` names the program)",
                path, device);
}

static void explain_permission(const char *path, const char *device)
{
    const struct group *group = NULL;
    struct stat status;

    if (stat(device, &status) == 0 && (status.st_mode & S_IRGRP) != 0 && status.st_gid != 0)
        group = getgrgid(status.st_gid);
    if (group != NULL)
        message("%s: no permission; it is for members of the group %s: `sudo usermod -aG %s "
                "\"$USER\"`, then log in again",
                path, group->gr_name, group->gr_name);
    else
        message("%s: no permission; its owner or root may open it", path);
}

static void add_port(char *words, const struct sp_port *port)
{
    const size_t length = strlen(words);
    const char *product = sp_get_port_usb_product(port);

    snprintf(words + length, WORDS_SIZE - length, "%s%s%s%s%s", length > 0 ? ", " : "",
             sp_get_port_name(port), product != NULL ? " (" : "", product != NULL ? product : "",
             product != NULL ? ")" : "");
}

static void explain_absence(const char *path)
{
    char words[WORDS_SIZE] = "";
    struct sp_port **ports;

    if (sp_list_ports(&ports) == SP_OK) {
        for (struct sp_port **port = ports; *port != NULL; port++)
            add_port(words, *port);
        sp_free_port_list(ports);
    }
    if (words[0] != '\0')
        message("%s: not there; the serial ports here: %s", path, words);
    else
        message("%s: not there, and this machine has no other serial port; is the adapter plugged "
                "in?",
                path);
}

void trouble_explain(const char *path, const char *device, int cause)
{
    switch (cause) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        explain_absence(path);
        return;
    case EACCES:
    case EPERM:
        explain_permission(path, device);
        return;
    case EBUSY:
    case EWOULDBLOCK:
        explain_busy(path, device);
        return;
    case ENOTTY:
    case EINVAL:
        message("%s: not a serial port", path);
        return;
    case EIO:
        message("%s: there is no device behind this port", path);
        return;
    default:
        message("%s: %s", path, strerror(cause));
        return;
    }
}

void trouble_warn_of_others(const char *path, const char *device)
{
    struct holder holder;

    if (find_holder(device, &holder))
        message("%s: %s (process %ld) has it open too, and takes a part of its bytes; end that "
                "first",
                path, holder.name, holder.process);
}
