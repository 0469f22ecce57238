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
            throw new ConfigException("model.device is " + asked + ", and no such device can be used: " + Cuda.missing()
                    + ". Set model.device: cpu to train on the processor");
        }
        int number = device.equals(CUDA) ? 0 : Integer.parseInt(device.substring(CUDA.length() + 1));
        if (number >= Cuda.count()) {
            throw new ConfigException("model.device is " + asked + ", and this machine has " + Cuda.count()
                    + " CUDA device(s), counted from 0; name one of them, or auto");
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
