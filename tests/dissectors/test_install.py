# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ways of installing, each into folders of its own: Wireshark looks there by itself."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import wireshark

CMAKE = os.environ["BOOTTAP_CMAKE"]
BUILD = os.environ["BOOTTAP_BUILD"]
SERIES = os.environ["BOOTTAP_WIRESHARK"]
SCRIPT = wireshark.SOURCE / "dissectors" / "install_user.cmake"
PROFILE = wireshark.SOURCE / "dissectors" / "profile"


class Install(wireshark.TestCase):

    def setUp(self):
        self.home = self.wireshark.home / "user"
        self.home.mkdir()
        self.addCleanup(shutil.rmtree, self.home)

    def install(self, arguments, **environment):
        clean = {name: value for name, value in os.environ.items()
                 if name not in ("DESTDIR", "XDG_CONFIG_HOME", "WIRESHARK_CONFIG_DIR")}
        subprocess.run([CMAKE, *arguments], env=dict(clean, **environment), check=True,
                       stdout=subprocess.DEVNULL)
        for folder, _, files in os.walk(self.home):
            os.chmod(folder, 0o755)
            for file in files:
                self.assertTrue(os.lstat(os.path.join(folder, file)).st_mode & 0o044)

    def install_plugin(self, **environment):
        self.install(["-D", f"PLUGIN={wireshark.PLUGIN}", "-D", "SERIES=" + SERIES, "-P", SCRIPT],
                     HOME=str(self.home), **environment)

    def install_profile(self, **environment):
        self.install(["-D", f"PROFILE={PROFILE}", "-P", SCRIPT], HOME=str(self.home), **environment)

    def tshark(self, *arguments):
        """Of a user with this home, who set nothing else."""
        words = ["env", "-u", "WIRESHARK_PLUGIN_DIR", "-u", "XDG_CONFIG_HOME",
                 "HOME=" + str(self.home), "tshark", *arguments]
        return self.wireshark.command(words).stdout

    def files_below(self, folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def test_everyone(self):
        """cmake --install, and a package made with DESTDIR: where this Wireshark looks."""
        self.install(["--install", BUILD], DESTDIR=str(self.home))
        folder = re.search(r"^Global Plugins:\s+(\S+)", self.tshark("-G", "folders"), re.M)[1]
        if not folder.endswith(SERIES):
            folder += "/" + SERIES
        plugin = self.home / folder.lstrip("/") / "epan" / "stm32boot.so"
        self.assertEqual(plugin.read_bytes()[:4], b"\x7fELF")
        folder = re.search(r"^Extcap path:\s+(\S+)", self.tshark("-G", "folders"), re.M)[1]
        program = os.readlink(self.home / folder.lstrip("/") / "boottap")
        self.assertTrue((self.home / program.lstrip("/")).exists())

    def test_one_user(self):
        self.install_plugin()
        path = f".local/lib/wireshark/plugins/{SERIES}/epan/stm32boot.so"
        self.assertEqual(self.files_below(self.home), [path])
        plugins = [line.split("\t") for line in self.tshark("-G", "plugins").splitlines()]
        self.assertIn(["dissector", str(self.home / path)],
                      [line[2:] for line in plugins if line[0].strip() == "stm32boot.so"])

    def test_one_user_extcap(self):
        """Where Wireshark looks for a user's extcaps: in another folder from 4.2 on."""
        self.install(["-D", f"PLUGIN={wireshark.PLUGIN}", "-D", "SERIES=" + SERIES, "-D",
                      f"EXTCAP={wireshark.PROGRAM}", "-P", SCRIPT], HOME=str(self.home))
        self.assertIn("boottap-serial", self.tshark("-D"))

    def test_one_user_destdir(self):
        """HOME is where it will be, DESTDIR where it is put for now."""
        stage = self.home / "stage"
        self.install_plugin(DESTDIR=str(stage))
        self.assertEqual(self.files_below(self.home),
                         [f"stage{self.home}/.local/lib/wireshark/plugins/{SERIES}/epan/stm32boot.so"])

    def test_profile(self):
        self.install_plugin()
        self.install_profile()
        installed = self.home / ".config/wireshark/profiles/boottap"
        self.assertEqual(self.files_below(installed), self.files_below(PROFILE))
        sample = self.wireshark.readable(wireshark.CAPTURES / "usart-read-protected.pcap")
        self.assertIn("STM32BL", self.tshark("-C", "boottap", "-r", sample))

    def test_profile_elsewhere(self):
        """Every place where Wireshark may have its configuration."""
        new = pathlib.Path("xdg/wireshark")
        named = pathlib.Path("named")
        old = pathlib.Path(".wireshark")
        self.install_profile(XDG_CONFIG_HOME=str(self.home / "xdg"))
        self.assertTrue((self.home / new / "profiles/boottap/preferences").exists())
        self.install_profile(WIRESHARK_CONFIG_DIR=str(self.home / named))
        self.assertTrue((self.home / named / "profiles/boottap/preferences").exists())
        (self.home / old).mkdir()
        self.install_profile()
        self.assertTrue((self.home / old / "profiles/boottap/preferences").exists())
        self.assertFalse((self.home / ".config").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
