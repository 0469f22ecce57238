package org.reft4j.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CalibrationTest {
    private static final Calibration.Machine MACHINE =
            new Calibration.Machine("a processor", 2, "1.0", List.of("openblas", "mkl"));

    @TempDir
    private Path folder;

    @Test
    void bfloat16MustPay() {
        assertEquals(DType.BF16, of(100, 120).format("openblas"));
        assertEquals(DType.F32, of(100, 119).format("openblas"));
        assertEquals(DType.F32, of(100, 80).format("openblas"));
    }

    @Test
    void narrowModelsAreNotMeasured() {
        assertEquals(DType.F32, Calibration.compute(255));
    }

    @Test
    void theQuickestLibraryWins() {
        Calibration measured = new Calibration(
                MACHINE,
                List.of(
                        new Calibration.Probe("openblas", 140, 150, 10, 10),
                        new Calibration.Probe("mkl", 247, 140, 10, 10)),
                false);
        assertEquals("mkl", measured.best().blas());
        assertEquals(DType.F32, measured.format("mkl"));
        assertEquals(DType.F32, measured.format("openblas"));
    }

    /** An AMX machine: bfloat16 is oneDNN's under both, and the noise of that probe is no reason to take the slower library for float32. */
    @Test
    void aLibraryIsChosenByFloat32() {
        Calibration measured = new Calibration(
                MACHINE,
                List.of(
                        new Calibration.Probe("openblas", 237, 1210, 173, 300),
                        new Calibration.Probe("mkl", 261, 1190, 230, 300)),
                false);
        assertEquals("mkl", measured.best().blas());
        assertEquals(DType.BF16, measured.format("mkl"));
    }

    /** Kept, so that a busy machine is not measured by every process, but not for ever. */
    @Test
    void whatWasMeasuredBesideOtherWorkIsMeasuredAgain() throws IOException {
        Path file = folder.resolve("calibration.json");
        Calibration busy = new Calibration(MACHINE, of(1, 2).probes(), true);
        busy.save(file);
        Calibration kept = Calibration.load(file, MACHINE).orElseThrow();
        assertTrue(kept.busy());
        assertTrue(kept.holds(true));
        assertFalse(kept.holds(false));
        assertTrue(of(1, 2).holds(true) && of(1, 2).holds(false));
        // A file of a version that did not say.
        Files.writeString(file, Files.readString(file).replaceAll(",\\s*\"busy\" : true", ""));
        assertFalse(Calibration.load(file, MACHINE).orElseThrow().busy());
    }

    @Test
    void keepsAndFindsAMeasurement() throws IOException {
        Path file = folder.resolve("deep/calibration.json");
        Calibration measured = of(1, 2);
        measured.save(file);
        assertEquals(Optional.of(measured), Calibration.load(file, MACHINE));
        try (var files = Files.list(folder.resolve("deep"))) {
            assertEquals(List.of(file), files.toList(), "nothing is left beside");
        }
    }

    @Test
    void measuresAgainForAnotherMachineAndForADamagedFile() throws IOException {
        Path file = folder.resolve("calibration.json");
        assertEquals(Optional.empty(), Calibration.load(file, MACHINE), "missing");
        of(1, 2).save(file);
        Calibration.Machine other = new Calibration.Machine("a processor", 4, "1.0", List.of("openblas", "mkl"));
        assertEquals(Optional.empty(), Calibration.load(file, other), "more cores");
        String text = Files.readString(file);
        for (String damaged :
                List.of("", "{", "[]", "null", "{}", text.substring(0, text.length() / 2), "{\"probes\":[]}")) {
            Files.writeString(file, damaged);
            assertEquals(Optional.empty(), Calibration.load(file, MACHINE), damaged);
        }
    }

    @Test
    void obeysAPersonAndNamesWhatThereIs() {
        assertEquals(Optional.empty(), Calibration.asked(null, List.of("openblas")));
        assertEquals(Optional.empty(), Calibration.asked("Auto", List.of("openblas")));
        assertEquals(Optional.of("mkl"), Calibration.asked("MKL", List.of("openblas", "mkl")));
        String message = assertThrows(
                        IllegalArgumentException.class, () -> Calibration.asked("blis", List.of("openblas", "mkl")))
                .getMessage();
        assertEquals("REFT_BLAS is blis; expected auto or one of what is installed: openblas, mkl", message);
    }

    @Test
    void measuresInThisProcessAndInAnother() {
        Calibration.Probe here = SpeedProbe.measure("openblas");
        assertTrue(here.f32() > 0.5 && here.bf16() > 0.01 && here.smallF32() > 0.05, here.toString());
        Calibration.Probe there = SpeedProbe.measureInChild("openblas").orElseThrow();
        assertEquals("openblas", there.blas());
        assertTrue(there.f32() > 0.5, there.toString());
    }

    @Test
    void tellsProcessorsApart() {
        String text =
                "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nstepping\t: 1\n\nprocessor\t: 1\n";
        assertEquals("AMD EPYC cpu family 25 model 17 stepping 1", Cpu.cpuinfo(text));
        assertTrue(Cpu.engine().matches("\\d+\\.\\d+\\.\\d+-.*"), Cpu.engine());
    }

    private static Calibration of(double f32, double bf16) {
        return new Calibration(MACHINE, List.of(new Calibration.Probe("openblas", f32, bf16, 1, 1)), false);
    }
}
