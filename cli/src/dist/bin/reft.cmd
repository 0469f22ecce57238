@echo off
rem Starts the reft command with the JVM options that the engine needs.
rem   JAVA_HOME (25 or later), REFT_JAVA_OPTS, REFT_BLAS: see "reft doctor"
setlocal
if not defined REFT_CLASSPATH set "REFT_CLASSPATH=%~dp0..\lib\*"
set "REFT_JAVA=java"
if defined JAVA_HOME set "REFT_JAVA=%JAVA_HOME%\bin\java"
"%REFT_JAVA%" -version >nul 2>&1
if errorlevel 1 (
  echo reft4j needs a JDK of version 25 or later, and none was found in JAVA_HOME or on the PATH. 1>&2
  echo Install one, for example: winget install EclipseAdoptium.Temurin.25.JDK 1>&2
  exit /b 1
)
"%REFT_JAVA%" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ^
  -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -XX:+UseSerialGC -Dfile.encoding=UTF-8 ^
  %REFT_JAVA_OPTS% -cp "%REFT_CLASSPATH%" org.reft4j.cli.Main %*
exit /b %ERRORLEVEL%
