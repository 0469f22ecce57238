package org.reft4j.train.settings;

import java.util.Locale;
import java.util.regex.Pattern;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Cuda;
import org.reft4j.tensor.DType;
import org.reft4j.train.ConfigException;

/** Devices by the names that people give them. */
final class Devices {
    static final String NAMES = "auto, cpu, cuda or cuda:N";
    private static final String AUTO = "auto";
    private static final String CPU = "cpu";
    private static final String CUDA = "cuda";

    /** With the one that tests pretend; libtorch refuses it where nobody has loaded it. */
    private static final Pattern NAME = Pattern.compile("auto|cpu|cuda(:[0-9]{1,2})?|fake:0");

    private Devices() {}

    static boolean isName(String device) {
        return NAME.matcher(device).matches();
    }

    /**
     * The device as libtorch spells it.
     *
     * @throws ConfigException if it is not there; it says what is missing
     */
    static String named(String asked) {
        String device = asked.toLowerCase(Locale.ROOT);
        if (!isName(device)) {
            throw new ConfigException("", "device", asked, NAMES, null);
        }
        if (device.equals(AUTO)) {
            return Cuda.usable() ? CUDA + ":0" : CPU;
        }
        if (!device.startsWith(CUDA)) {
            return device;
        }
        if (!Cuda.usable()) {
            throw new ConfigException("device " + asked + " cannot be used: " + Cuda.missing()
                    + ". Name cpu or auto (model.device, --device) to go on without");
        }
        int number = device.equals(CUDA) ? 0 : Integer.parseInt(device.substring(CUDA.length() + 1));
        if (number >= Cuda.count()) {
            throw new ConfigException("device " + asked + " cannot be used: this machine has " + Cuda.count()
                    + " of them, counted from 0. Name one of these, or auto (model.device, --device)");
        }
        return CUDA + ":" + number;
    }

    /** The faster type of matrix products: measured on the processor, known on devices. */
    static DType products(String device, long width) {
        if (device.equals(CPU)) {
            return Calibration.compute(width);
        }
        return Cuda.hasBfloat16(device) ? DType.BF16 : DType.F32;
    }
}
