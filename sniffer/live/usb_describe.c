/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Linux's sysfs knows of a USB device (the kernel's Documentation/ABI: sysfs-bus-usb): the
 * descriptors as the device sent them, and the strings of what is in force.
 */
#include "live/usb_describe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/line.h"
#include "traffic/usb_record.h"

#define SYSFS_DEVICES "/sys/bus/usb/devices"

enum {
    CONTROL = 2,
    ENDPOINT_0_IN = 0x80,
    DEVICE_TO_HOST = 0x80,
    GET_DESCRIPTOR = 6,
    TYPE_DEVICE = 1,
    TYPE_CONFIGURATION = 2,
    TYPE_STRING = 3,
    TYPE_INTERFACE = 4,

    DEVICE_SIZE = 18, /* its descriptor */
    CONFIGURATION_SIZE = 9,
    INTERFACE_SIZE = 9,
    STRING_SIZE_MAX = 254, /* of an even number of bytes */
    STRING_ASKED = 255,

    CONFIGURATIONS_MAX = 8,                /* that Linux reads */
    DESCRIPTORS_MAX = DEVICE_SIZE + 65535, /* what sysfs tells at most */
    ATTRIBUTE_SIZE = 512,                  /* a string of 126 characters in UTF-8 fits */
    INDEX_PRODUCT = 15,                    /* in the device descriptor: its string's number */
    ENGLISH = 0x0409, /* sysfs does not tell the language, Linux asks for the first */
};

/** A device that is being described. */
struct device {
    const struct traffic_sink *sink;
    uint32_t interface_id;
    uint16_t bus;
    uint8_t address;
    btap_ns time;
    DIR *directory; /**< its own in sysfs */
    uint64_t reads; /**< so far */
    const uint8_t *descriptors;
    size_t length;
    bool described[256]; /**< strings that were added, by their number */
};

/** A configuration's descriptors. */
struct configuration {
    const uint8_t *bytes;
    size_t length;
};

/** @return bytes read, cut to size; 0 also where the file cannot be read */
static size_t read_file(int directory, const char *name, void *bytes, size_t size)
{
    const int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got;

    if (fd < 0)
        return 0;
    while (length < size && (got = read(fd, (uint8_t *)bytes + length, size - length)) > 0)
        length += (size_t)got;
    close(fd);
    return length;
}

/** @return false if there is no such attribute, or it is empty. @param text ATTRIBUTE_SIZE */
static bool read_text(int directory, const char *name, char *text)
{
    text[read_file(directory, name, text, ATTRIBUTE_SIZE - 1)] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text[0] != '\0';
}

/** A decimal number; -1 where there is none. */
static long read_number(int directory, const char *name)
{
    char text[ATTRIBUTE_SIZE];
    char *end = text;
    long number;

    if (!read_text(directory, name, text))
        return -1;
    number = strtol(text, &end, 10);
    return end == text || *end != '\0' ? -1 : number;
}

/** A GET_DESCRIPTOR as if the device had been asked. */
static void add_read(struct device *device, uint8_t type, uint8_t index, uint16_t asked,
                     const uint8_t *bytes, size_t length)
{
    const uint16_t language = type == TYPE_STRING ? ENGLISH : 0;
    const uint8_t setup[] = {
        DEVICE_TO_HOST,    GET_DESCRIPTOR,           index,          type,
        (uint8_t)language, (uint8_t)(language >> 8), (uint8_t)asked, (uint8_t)(asked >> 8),
    };
    struct usb_record record = {
        .id = ++device->reads,
        .transfer_type = CONTROL,
        .endpoint = ENDPOINT_0_IN,
        .device = device->address,
        .bus = device->bus,
        .setup = setup,
        .status = -EINPROGRESS,
        .length = asked,
        .time = device->time,
    };

    usb_record_send(device->sink, device->interface_id, &record, USB_RECORD_ADDED);
    record.completion = true;
    record.setup = NULL;
    record.status = 0;
    record.length = (uint32_t)length;
    record.data = bytes;
    record.captured = (uint32_t)length;
    record.data_length = (uint32_t)length;
    usb_record_send(device->sink, device->interface_id, &record, USB_RECORD_ADDED);
}

/** Value of the UTF-8 character of so many bytes; what is none stands for itself as '?'. */
static uint32_t character(const char *text, size_t length)
{
    uint32_t value = (uint8_t)text[0];

    if (length == 0)
        return '?';
    if (length > 1)
        value &= 0x7fu >> length;
    for (size_t i = 1; i < length; i++)
        value = value << 6 | ((uint8_t)text[i] & 0x3fu);
    return value;
}

/** Appends a unit of UTF-16, where there is room. */
static void put_unit(uint8_t *descriptor, uint32_t unit)
{
    const size_t at = descriptor[0];

    if (at == STRING_SIZE_MAX)
        return;
    descriptor[at] = (uint8_t)unit;
    descriptor[at + 1] = (uint8_t)(unit >> 8);
    descriptor[0] = (uint8_t)(at + 2);
}

/** Adds a string that sysfs tells, once. @param index 0: the device has none */
static void add_string(struct device *device, int directory, const char *name, uint8_t index)
{
    uint8_t descriptor[STRING_SIZE_MAX] = {2, TYPE_STRING};
    char text[ATTRIBUTE_SIZE];

    if (index == 0 || device->described[index] || !read_text(directory, name, text))
        return;
    for (const char *at = text; *at != '\0';) {
        const size_t length = utf8_length(at);
        const uint32_t value = character(at, length);

        if (value > 0xffff)
            put_unit(descriptor, 0xd800 | (value - 0x10000) >> 10);
        put_unit(descriptor, value > 0xffff ? 0xdc00 | (value & 0x3ff) : value);
        at += length > 0 ? length : 1;
    }
    device->described[index] = true;
    add_read(device, TYPE_STRING, index, STRING_ASKED, descriptor, descriptor[0]);
}

/** @return how many there are, at most CONFIGURATIONS_MAX */
static size_t find_configurations(const struct device *device, struct configuration *list)
{
    const size_t announced = device->descriptors[DEVICE_SIZE - 1];
    size_t count = 0;
    size_t at = DEVICE_SIZE;

    while (count < announced && count < CONFIGURATIONS_MAX &&
           device->length - at >= CONFIGURATION_SIZE) {
        const uint8_t *bytes = device->descriptors + at;
        const size_t left = device->length - at;
        const size_t total = (size_t)bytes[2] | (size_t)bytes[3] << 8;

        if (bytes[0] < CONFIGURATION_SIZE || bytes[1] != TYPE_CONFIGURATION || total < bytes[0] ||
            left < bytes[0])
            break;
        list[count++] = (struct configuration){bytes, total < left ? total : left};
        at += list[count - 1].length;
    }
    return count;
}

/** Opens the directory of an interface in force, `1-2:CONFIGURATION.NUMBER`; -1: there is none. */
static int open_interface(const struct device *device, uint8_t configuration, uint8_t number)
{
    const struct dirent *entry;
    char wanted[16];

    snprintf(wanted, sizeof(wanted), ":%d.%d", configuration, number);
    rewinddir(device->directory);
    while ((entry = readdir(device->directory)) != NULL) {
        const char *colon = strchr(entry->d_name, ':');

        if (colon != NULL && strcmp(colon, wanted) == 0)
            return openat(dirfd(device->directory), entry->d_name,
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return -1;
}

/** Adds the name of an interface's alternate setting: sysfs knows that of the one in force. */
static void add_interface(struct device *device, uint8_t configuration, const uint8_t *descriptor)
{
    const int directory = open_interface(device, configuration, descriptor[2]);

    if (directory < 0)
        return;
    if (read_number(directory, "bAlternateSetting") == descriptor[3])
        add_string(device, directory, "interface", descriptor[8]);
    close(directory);
}

/** Adds the strings of the configuration in force. */
static void add_names(struct device *device, const struct configuration *configuration)
{
    const uint8_t *bytes = configuration->bytes;

    add_string(device, dirfd(device->directory), "configuration", bytes[6]);
    for (size_t at = bytes[0]; configuration->length - at >= 2; at += bytes[at]) {
        if (bytes[at] < 2 || bytes[at] > configuration->length - at)
            return;
        if (bytes[at + 1] == TYPE_INTERFACE && bytes[at] >= INTERFACE_SIZE)
            add_interface(device, bytes[5], bytes + at);
    }
}

/** Adds those that are in force, or those that are not. */
static void add_configurations(struct device *device, const struct configuration *list,
                               size_t count, bool in_force)
{
    const long value = read_number(dirfd(device->directory), "bConfigurationValue");

    for (size_t i = 0; i < count; i++) {
        const struct configuration *one = &list[i];

        if ((one->bytes[5] == value) == in_force)
            add_read(device, TYPE_CONFIGURATION, (uint8_t)i, (uint16_t)one->length, one->bytes,
                     one->length);
        if (one->bytes[5] == value && in_force)
            add_names(device, one);
    }
}

static bool describe(struct device *device)
{
    static const char *const strings[] = {"manufacturer", "product", "serial"};
    uint8_t *descriptors = allocate(DESCRIPTORS_MAX);
    const int directory = dirfd(device->directory);
    struct configuration list[CONFIGURATIONS_MAX];

    device->descriptors = descriptors;
    device->length = read_file(directory, "descriptors", descriptors, DESCRIPTORS_MAX);
    if (device->length >= DEVICE_SIZE) {
        const size_t count = find_configurations(device, list);

        add_read(device, TYPE_DEVICE, 0, DEVICE_SIZE, descriptors, DEVICE_SIZE);
        /* Readers take the first for the one in force. */
        add_configurations(device, list, count, true);
        add_configurations(device, list, count, false);
        for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
            add_string(device, directory, strings[i], descriptors[INDEX_PRODUCT - 1 + i]);
    }
    free(descriptors);
    return device->length >= DEVICE_SIZE;
}

/** Opens a device's directory if it is that of the address. NULL: it is not. */
static DIR *open_device(int devices, const char *name, uint16_t bus, uint8_t address)
{
    const int fd = openat(devices, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory;

    if (fd < 0)
        return NULL;
    directory = read_number(fd, "busnum") == bus && read_number(fd, "devnum") == address
                    ? fdopendir(fd)
                    : NULL;
    if (directory == NULL)
        close(fd);
    return directory;
}

/** @return NULL: there is none */
static DIR *find_device(DIR *devices, uint16_t bus, uint8_t address)
{
    const struct dirent *entry;
    DIR *found = NULL;

    while (found == NULL && (entry = readdir(devices)) != NULL)
        if (entry->d_name[0] != '.')
            found = open_device(dirfd(devices), entry->d_name, bus, address);
    return found;
}

bool usb_describe_from(const char *path, const struct traffic_sink *sink, uint32_t interface_id,
                       uint16_t bus, uint8_t address, btap_ns time)
{
    struct device device = {
        .sink = sink,
        .interface_id = interface_id,
        .bus = bus,
        .address = address,
        .time = time,
    };
    DIR *devices = opendir(path);
    bool told;

    if (devices == NULL)
        return false;
    device.directory = find_device(devices, bus, address);
    closedir(devices);
    if (device.directory == NULL)
        return false;
    told = describe(&device);
    closedir(device.directory);
    return told;
}

bool usb_describe(const struct traffic_sink *sink, uint32_t interface_id, uint16_t bus,
                  uint8_t device, btap_ns time)
{
    return usb_describe_from(SYSFS_DEVICES, sink, interface_id, bus, device, time);
}
