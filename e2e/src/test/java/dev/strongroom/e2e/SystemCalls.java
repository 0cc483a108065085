package dev.strongroom.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a process told the kernel, as strace wrote it down: whom it addressed, which files it opened
 * in order to write.
 *
 * @param addressed {@code host:port} or the path of a socket, of DNS queries too, without the name
 *     service cache
 * @param written absolute paths, also of files that could not be opened
 */
record SystemCalls(Set<String> addressed, Set<String> written) {
    private static final Pattern INTERNET =
            Pattern.compile(
                    "sin6?_port=htons\\((\\d+)\\).*?(?:inet_addr\\(|inet_pton\\(AF_INET6, )"
                            + "\"([^\"]+)\"");
    private static final Pattern LOCAL = Pattern.compile("sun_path=@?\"([^\"]+)\"");
    private static final Pattern OPENED =
            Pattern.compile("openat\\([^<,]*(?:<([^>]*)>)?, \"([^\"]*)\", ([A-Z_|]+)");

    /** Where glibc asks this machine's own name service cache who the user is. */
    private static final String NAME_SERVICE_CACHE = "/var/run/nscd/socket";

    SystemCalls {
        addressed = Set.copyOf(addressed);
        written = Set.copyOf(written);
    }

    /** Words that make a command leave a trace. */
    static String[] tracing(Path trace) {
        return new String[] {
            "strace",
            "-f",
            "-qq",
            "-y",
            "--seccomp-bpf",
            "-s",
            "512",
            "-e",
            "trace=connect,sendto,sendmsg,sendmmsg,open,openat,creat",
            "-e",
            "signal=none",
            "-o",
            trace.toString()
        };
    }

    static SystemCalls read(Path trace) throws IOException {
        Set<String> addressed = new TreeSet<>();
        Set<String> written = new TreeSet<>();
        List<String> lines = Files.readAllLines(trace, StandardCharsets.ISO_8859_1);
        for (String line : lines) {
            Matcher internet = INTERNET.matcher(line);
            Matcher local = LOCAL.matcher(line);
            Matcher opened = OPENED.matcher(line);
            if (internet.find()) {
                String host = internet.group(2).replaceFirst("^::ffff:", "");
                addressed.add(host + ":" + internet.group(1));
            } else if (local.find()) {
                addressed.add(local.group(1));
            } else if (opened.find() && opened.group(3).matches(".*(WRONLY|RDWR|CREAT).*")) {
                String folder = opened.group(1) == null ? "/" : opened.group(1);
                written.add(Path.of(folder).resolve(opened.group(2)).normalize().toString());
            }
        }
        addressed.remove(NAME_SERVICE_CACHE);
        return new SystemCalls(addressed, written);
    }

    /** The files but those below one of these folders, and the system's own. */
    List<String> writtenOutside(Path... folders) {
        return written.stream()
                .filter(file -> !file.startsWith("/dev/") && !file.startsWith("/proc/"))
                .filter(file ->
                        List.of(folders).stream()
                                .noneMatch(folder -> Path.of(file).startsWith(folder)))
                .toList();
    }
}
